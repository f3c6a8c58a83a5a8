// SPDX-License-Identifier: Apache-2.0
package io.httun.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.tunnel.Carrier;
import io.httun.api.tunnel.TunnelReply;
import io.httun.api.tunnel.TunnelRequest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EnvelopeTest {
    private static final String BODY = "body".repeat(50_000);

    private final MemoryBudget budget = new MemoryBudget(1 << 20);

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    }

    private static ByteBuf message(ByteBuf head, String body) {
        return Unpooled.wrappedBuffer(Envelope.seal(head, body.length()), bytes(body));
    }

    private static TunnelRequest request() {
        return new TunnelRequest(
                "POST",
                "/7/w/02A51C09F3",
                "m=ä",
                "Basic eDp5",
                Unpooled.EMPTY_BUFFER,
                new Carrier("192.0.2.7"),
                new TunnelRequest.Details() {
                    @Override
                    public List<Map.Entry<String, String>> headers() {
                        return List.of(Map.entry("via", "1.1 proxy"), Map.entry("x-long", "x".repeat(9000)));
                    }

                    @Override
                    public String certificate() {
                        return "cafe";
                    }
                });
    }

    @Test
    void aRequestArrivesWholeInPiecesOfAnySize() throws ForwardException {
        for (int size : new int[] {1, 7, 65_536, 1 << 20}) {
            ByteBuf sent = message(new NodeRequest(3, request()).head(), BODY);
            Envelope envelope = new Envelope(TunnelRequest.MAX_BODY, budget);
            boolean whole = false;
            while (sent.isReadable()) {
                assertThat(whole).isFalse();
                whole = envelope.add(sent.readSlice(Math.min(size, sent.readableBytes())));
            }
            assertThat(whole).isTrue();
            NodeRequest got = NodeRequest.read(envelope.head(), envelope.takeBody());
            assertThat(got.from()).isEqualTo(3);
            assertThat(got.request().method()).isEqualTo("POST");
            assertThat(got.request().path()).isEqualTo("/7/w/02A51C09F3");
            assertThat(got.request().query()).isEqualTo("m=ä");
            assertThat(got.request().authorization()).isEqualTo("Basic eDp5");
            assertThat(got.request().carrier().peer()).isEqualTo("192.0.2.7");
            assertThat(got.request().details().certificate()).isEqualTo("cafe");
            assertThat(got.request().details().headers()).containsExactly(Map.entry("via", "1.1 proxy"));
            assertThat(got.request().body().hasArray()).isTrue();
            assertThat(got.request().body().toString(StandardCharsets.UTF_8)).isEqualTo(BODY);
            got.request().body().release();
            assertThat(budget.used()).isGreaterThan(BODY.length());
            envelope.release();
            envelope.release();
            assertThat(budget.used()).isZero();
        }
    }

    @Test
    void aReplyArrivesWhole() throws ForwardException {
        TunnelReply reply = TunnelReply.unavailable(5);
        ByteBuf head = NodeReply.of(reply, true).head();
        NodeReply got = NodeReply.read(head);
        assertThat(got).isEqualTo(new NodeReply(503, reply.headers(), false, true));
    }

    @Test
    void boundsHeadBodyAndMemory() {
        assertRefused(
                Unpooled.buffer().writeInt(Envelope.MAX_HEAD + 1).writeInt(0), "expected at most 65536 and 1048576");
        assertRefused(Unpooled.buffer().writeInt(-1).writeInt(0), "a head of -1");
        assertRefused(Unpooled.buffer().writeInt(0).writeInt((1 << 20) + 1), "a body of 1048577 bytes");
        assertThat(budget.take(1 << 19)).isTrue();
        assertRefused(Unpooled.buffer().writeInt(0).writeInt(1 << 20), "no memory left");
        assertRefused(Unpooled.buffer().writeInt(0).writeInt(0).writeByte(1), "1 bytes behind the end");
    }

    private void assertRefused(ByteBuf content, String message) {
        Envelope envelope = new Envelope(TunnelRequest.MAX_BODY, budget);
        assertThatThrownBy(() -> envelope.add(content))
                .isInstanceOf(ForwardException.class)
                .hasMessageContaining(message);
        envelope.release();
    }

    @Test
    void refusesAnotherVersionAndDamagedHeads() {
        byte[] whole = ByteBufUtil.getBytes(new NodeRequest(3, request()).head());
        for (int length = 1; length < whole.length; length++) {
            ByteBuf cut = Unpooled.wrappedBuffer(whole, 0, length);
            assertThatThrownBy(() -> NodeRequest.read(cut, Unpooled.EMPTY_BUFFER))
                    .isInstanceOf(ForwardException.class);
        }
        whole[0] = 2;
        assertThatThrownBy(() -> NodeRequest.read(Unpooled.wrappedBuffer(whole), Unpooled.EMPTY_BUFFER))
                .hasMessage("a request of version 2, expected 1");
        assertThatThrownBy(() -> NodeReply.read(Unpooled.wrappedBuffer(new byte[] {1, 0, 0, 7})))
                .hasMessage("a reply with status 7");
    }
}
