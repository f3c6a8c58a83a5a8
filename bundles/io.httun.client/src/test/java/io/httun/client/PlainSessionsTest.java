// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.httun.protocol.Frame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A client without streams at the server of this project: the stock wire, in one session for each connection. */
@Timeout(120)
class PlainSessionsTest extends AgainstOurServer {
    private static final byte[] HELLO = "hello".getBytes(US_ASCII);

    @Test
    void severalConnectionsEachInASessionOfItsOwn() throws IOException {
        byte[] bytes = Targets.random(MIB);
        try (Targets echo = Targets.echo()) {
            List<Pipe> pipes = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                pipes.add(fixture.connect(client, echo.address()));
            }
            pipes.forEach(pipe -> pipe.flood(bytes));
            pipes.forEach(pipe -> assertThat(pipe.read(bytes.length)).isEqualTo(bytes));
            assertThat(server.sessions()).hasSize(8);
            assertThat(endpoint.longestBody.get()).as("one frame a body").isLessThanOrEqualTo(Frame.MAX_LENGTH);
            pipes.forEach(Pipe::close);
        }
    }

    @Test
    void laterConnectionsTakeTheSessionsOfFinishedOnesOver() throws IOException {
        try (Targets brief = new Targets((socket, targets) -> {
            socket.getInputStream().read();
            socket.getOutputStream().write(HELLO);
        })) {
            for (int i = 0; i < 5; i++) {
                Pipe pipe =
                        fixture.connect(client, brief.address()).write(HELLO).awaitEnd();
                assertThat(pipe.bytes()).isEqualTo(HELLO);
                await().until(client::isIdle);
            }
            assertThat(server.sessions()).hasSize(1);
        }
    }

    @Test
    void connectionsWithoutAByteFreeTheirPlaceAtOnce() throws IOException {
        try (Targets echo = Targets.echo()) {
            for (int i = 0; i < 100; i++) {
                fixture.connect(client, echo.address()).close();
            }
            await().atMost(Duration.ofSeconds(10)).until(client::isIdle);
            await().atMost(Duration.ofSeconds(10)).until(() -> server.connections() == 0);
            assertThat(server.sessions()).hasSizeLessThanOrEqualTo(8);
            assertThat(fixture.connect(client, echo.address()).write(HELLO).read(HELLO.length))
                    .isEqualTo(HELLO);
        }
    }

    @Test
    void whatIsWrittenBeforeTheCloseArrivesThoughTheNextConnectionComesAtOnce() throws IOException {
        byte[] bytes = Targets.random(MIB);
        try (Targets sink = Targets.sink();
                Targets echo = Targets.echo()) {
            for (int i = 0; i < 3; i++) {
                Pipe pipe = fixture.connect(client, sink.address());
                pipe.writeAll(bytes);
                pipe.close();
                Pipe next = fixture.connect(client, echo.address()).write(HELLO);
                assertThat(next.read(HELLO.length)).isEqualTo(HELLO);
            }
            await().atMost(Duration.ofSeconds(20)).until(() -> sink.received.size() == 3);
            sink.received.forEach(got -> assertThat(got).isEqualTo(bytes));
        }
    }

    @Test
    void tooManySessionsAreRefused() throws IOException {
        client = new TunnelClient(
                Fixture.settings(Fixture.TIMEOUTS, new ClientSettings.Limits(2, 4, 1000), "", endpoint.url()),
                surroundings);
        try (Targets echo = Targets.echo()) {
            fixture.connect(client, echo.address());
            fixture.connect(client, echo.address());
            assertThatThrownBy(() -> fixture.connect(client, echo.address())).hasMessageContaining("(sessions.max)");
        }
    }

    @Test
    void whatAHandlerWritesFromAWritabilityEventIsSent() throws IOException {
        byte[] bytes = Targets.random(2 * MIB);
        try (Targets echo = Targets.echo()) {
            Pipe pipe = fixture.connect(client, echo.address());
            int[] at = {0};
            pipe.channel().eventLoop().execute(() -> {
                pipe.channel().pipeline().addLast(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelWritabilityChanged(ChannelHandlerContext context) {
                        while (context.channel().isWritable() && at[0] < bytes.length) {
                            int length = Math.min(300_000, bytes.length - at[0]);
                            ByteBuf piece = Unpooled.wrappedBuffer(bytes, at[0], length);
                            at[0] += length;
                            context.writeAndFlush(piece);
                        }
                    }
                });
                pipe.channel().pipeline().fireChannelWritabilityChanged();
            });
            assertThat(pipe.read(bytes.length)).isEqualTo(bytes);
        }
    }
}
