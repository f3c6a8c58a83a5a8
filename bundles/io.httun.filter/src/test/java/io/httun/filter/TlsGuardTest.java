// SPDX-License-Identifier: Apache-2.0
package io.httun.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.target.RefusedException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.Test;

class TlsGuardTest {
    private static byte[] clientHello(String name) throws Exception {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine(name, 443);
        engine.setUseClientMode(true);
        ByteBuffer out = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), out);
        out.flip();
        byte[] hello = new byte[out.remaining()];
        out.get(hello);
        return hello;
    }

    private static EmbeddedChannel guarded(String name) {
        return new EmbeddedChannel(new TlsGuard("web", name));
    }

    private static byte[] written(EmbeddedChannel channel) {
        ByteBuf all = Unpooled.buffer();
        for (ByteBuf next = channel.readOutbound(); next != null; next = channel.readOutbound()) {
            all.writeBytes(next);
            next.release();
        }
        byte[] bytes = new byte[all.readableBytes()];
        all.readBytes(bytes);
        return bytes;
    }

    @Test
    void letsAClientHelloPassWhateverItsPieces() throws Exception {
        byte[] hello = clientHello("www.example.org");
        EmbeddedChannel channel = guarded("www.example.org");
        for (int i = 0; i < hello.length - 1; i++) {
            channel.writeAndFlush(Unpooled.copiedBuffer(hello, i, 1));
        }
        assertThat(written(channel)).as("held back").isEmpty();
        channel.writeAndFlush(Unpooled.copiedBuffer(hello, hello.length - 1, 1));
        assertThat(written(channel)).isEqualTo(hello);
        assertThat(channel.pipeline().get(TlsGuard.class)).isNull();
        channel.writeAndFlush(Unpooled.copiedBuffer("more", StandardCharsets.US_ASCII));
        assertThat(written(channel)).hasSize(4);
    }

    @Test
    void closesWhatIsNoTls() {
        EmbeddedChannel channel = guarded("");
        channel.writeAndFlush(Unpooled.copiedBuffer("SSH-2.0-OpenSSH_9.2\r\n", StandardCharsets.US_ASCII));
        assertThat(written(channel)).isEmpty();
        assertThat(channel.isOpen()).isFalse();
        assertThatThrownBy(channel::checkException)
                .isInstanceOf(RefusedException.class)
                .hasMessage("filter web: the first bytes are not a TLS ClientHello");
    }

    @Test
    void closesWhatAsksForAnotherName() throws Exception {
        EmbeddedChannel channel = guarded("www.example.org");
        channel.writeAndFlush(Unpooled.wrappedBuffer(clientHello("hidden.example.net")));
        assertThat(channel.isOpen()).isFalse();
        assertThatThrownBy(channel::checkException).hasMessageContaining("names another server");
        EmbeddedChannel any = guarded("");
        any.writeAndFlush(Unpooled.wrappedBuffer(clientHello("hidden.example.net")));
        assertThat(any.isOpen()).isTrue();
    }

    @Test
    void closesWhatEndsOrGoesOnWithoutAWholeOne() throws Exception {
        byte[] hello = clientHello("www.example.org");
        EmbeddedChannel cut = guarded("");
        cut.writeAndFlush(Unpooled.copiedBuffer(hello, 0, 50));
        cut.writeAndFlush(Unpooled.EMPTY_BUFFER);
        assertThatThrownBy(cut::checkException).hasMessageContaining("ended before a TLS ClientHello was complete");
        EmbeddedChannel silent = guarded("");
        assertThat(silent.writeAndFlush(Unpooled.EMPTY_BUFFER).isSuccess()).isTrue();
        assertThat(silent.isOpen()).isTrue();
    }
}
