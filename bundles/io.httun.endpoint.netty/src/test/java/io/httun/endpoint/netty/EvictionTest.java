// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.toolkit.tunnel.BodyBudget;
import io.httun.toolkit.tunnel.TunnelRouter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A body that has to make room for others, step by step. */
class EvictionTest {
    private final HttpServer server = new HttpServer(Rig.LOOPS, new TunnelRouter());
    private EmbeddedChannel channel;

    @BeforeEach
    void start() {
        EndpointSettings settings = EndpointSettings.read(Map.of("name", "test", "listen", "127.0.0.1:0"));
        server.start(settings);
        channel = new EmbeddedChannel();
        StrictRequestDecoder decoder = new StrictRequestDecoder(8_192);
        HttpConnection connection = new HttpConnection(
                server, new Listening(settings.listen().iterator().next()), channel);
        channel.pipeline().addLast(decoder, new Http1Connection(connection, decoder));
    }

    @AfterEach
    void stop() {
        channel.finishAndReleaseAll();
        server.stop();
    }

    /** As another connection does whose body needs all the memory. */
    private void evict() {
        BodyBudget.Holder other = () -> {};
        server.bodies().hold(other, Integer.MAX_VALUE);
        server.bodies().free(other);
    }

    private void send(String text) {
        channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
    }

    private String answers() {
        channel.runPendingTasks();
        StringBuilder all = new StringBuilder();
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            all.append(out.toString(StandardCharsets.US_ASCII));
            out.release();
        }
        return all.toString();
    }

    private static final String HEAD = "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n";

    @Test
    void answersThatItWasTooSlowAndReadsNoMore() {
        send(HEAD + "12345");
        evict();
        assertThat(answers()).startsWith("HTTP/1.1 408 ");
        send("67890" + HEAD + "1234567890");
        assertThat(answers()).isEmpty();
    }

    @Test
    void sparesTheNextRequestOfTheConnection() {
        send(HEAD + "12345");
        evict();
        // The eviction waits for its turn on the event loop while the rest comes, and another request behind it.
        send("67890" + HEAD + "12345");
        send("67890");
        assertThat(answers()).doesNotContain("408").containsPattern("(?s)HTTP/1.1 503 .*HTTP/1.1 503 ");
    }
}
