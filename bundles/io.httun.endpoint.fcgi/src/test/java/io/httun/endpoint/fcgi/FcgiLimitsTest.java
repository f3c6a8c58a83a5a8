// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.fcgi;

import static io.httun.endpoint.fcgi.FcgiClient.begin;
import static io.httun.endpoint.fcgi.FcgiClient.get;
import static io.httun.endpoint.fcgi.FcgiClient.pairs;
import static io.httun.endpoint.fcgi.FcgiClient.post;
import static io.httun.endpoint.fcgi.FcgiClient.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.api.tunnel.TunnelRequest;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What bounds the cost of peers. */
@Timeout(30)
class FcgiLimitsTest extends FcgiRig {
    @Test
    void bodiesLargerThanAnyFrameOrShorterThanSaidAreRefused() throws IOException {
        try (FcgiClient client = connect()) {
            int most = TunnelRequest.MAX_BODY;
            client.request(1, true, post("/7/w/1", most), new byte[most]);
            assertThat(client.answer(1).status()).isEqualTo("200 OK");
            client.request(1, true, post("/7/w/1", most + 1), new byte[most + 1]);
            FcgiClient.Answer tooLarge = client.answer(1);
            assertThat(tooLarge.status()).startsWith("413");
            assertThat(tooLarge.body()).isEmpty();
            client.request(1, true, post("/7/w/1", 10), new byte[9]);
            assertThat(client.answer(1).status()).isEqualTo("404 Not Found");
            assertThat(requests).hasSize(1);
        }
    }

    @Test
    void moreRequestsThanAllowedAreAskedToComeAgain() throws IOException {
        start("requests.max", "2");
        try (FcgiClient client = connect()) {
            client.request(1, true, get("/wait/1"), NOTHING).request(2, true, get("/wait/2"), NOTHING);
            FcgiClient.Answer third =
                    client.request(3, true, get("/3"), NOTHING).answer(3);
            assertThat(third.status()).startsWith("503");
            assertThat(third.head()).containsEntry("retry-after", "1");
            await().until(() -> waiting.size() == 2);
            waiting.get(0).complete(frame("first"));
            assertThat(client.answer(1).body()).isEqualTo("first");
            assertThat(client.request(3, true, get("/3"), NOTHING).answer(3).status())
                    .isEqualTo("200 OK");
        }
    }

    @Test
    void moreConnectionsThanAllowedAreClosed() throws IOException {
        start("connections.max", "1");
        try (FcgiClient client = connect()) {
            assertThat(client.request(1, true, get("/1"), NOTHING).answer(1).body())
                    .isEqualTo("/1");
            try (FcgiClient second = client()) {
                assertThat(second.isAtEnd()).isTrue();
            }
            assertThat(client.request(1, true, get("/2"), NOTHING).answer(1).body())
                    .isEqualTo("/2");
        }
    }

    @Test
    void strangersAreNotListenedTo() throws IOException {
        start("peers", "192.0.2.0/24");
        try (FcgiClient client = connect()) {
            assertThat(client.isAtEnd()).isTrue();
        }
        endpoint.modified(Map.of("listen", "127.0.0.1:0", "peers", "192.0.2.0/24, 127.0.0.1"));
        try (FcgiClient client = client()) {
            assertThat(client.request(1, true, get("/1"), NOTHING).answer(1).body())
                    .isEqualTo("/1");
        }
    }

    @Test
    void whatDoesNotComeWholeIsGivenUp() throws IOException {
        start("receive.timeout.seconds", "1");
        try (FcgiClient client = connect();
                FcgiClient cut = client()) {
            client.request(1, true, get("/wait/1"), NOTHING);
            client.write(begin(2, 1, true), record(4, 2, pairs(post("/2", 9)), 0), record(4, 2, NOTHING, 0));
            cut.write(new byte[] {1, 1, 0});
            assertThat(client.answer(2).status()).startsWith("408");
            assertThat(cut.isAtEnd()).isTrue();
            waiting.get(0).complete(frame("unharmed"));
            assertThat(client.answer(1).body()).isEqualTo("unharmed");
        }
    }

    @Test
    void aPortThatEveryoneCanUseIsAProblem() {
        start("listen", "0.0.0.0:0", "peers", "192.0.2.0/24");
        assertThat(endpoint.problems()).isEmpty();
        endpoint.modified(Map.of("listen", "0.0.0.0:0", "peers", "0.0.0.0/0"));
        assertThat(endpoint.problems()).singleElement().satisfies(problem -> {
            assertThat(problem.part()).isEqualTo("endpoint default");
            assertThat(problem.what()).isEqualTo("is open to everyone who can reach 0.0.0.0:0");
            assertThat(problem.remedy()).contains("peers");
        });
        endpoint.modified(Map.of("listen", "127.0.0.1:0", "peers", "any"));
        assertThat(endpoint.problems()).isEmpty();
    }

    @Test
    void parametersThatDoNotEndAreBoundedTogether() throws IOException {
        try (FcgiClient client = connect()) {
            byte[] much = new byte[60_000];
            int requests = (64 << 20) / much.length + 2;
            for (int id = 1; id <= requests; id++) {
                client.write(begin(id, 1, true), record(4, id, much, 0));
            }
            client.write(record(4, requests, NOTHING, 0), record(5, requests, NOTHING, 0));
            assertThat(client.answer(requests).status()).startsWith("503");
        }
    }

    @Test
    void aHeaderAloneTakesNoMemory() {
        UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(false);
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.config().setAllocator(memory);
        channel.pipeline().addLast(new FcgiConnection(new Serving(null, FcgiEndpointSettings.read(Map.of()))));
        channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {1, 9, 0, 0, -1, -1, 0, 0}));
        assertThat(memory.metric().usedHeapMemory()).isLessThan(1_000);
        channel.finishAndReleaseAll();
    }
}
