// SPDX-License-Identifier: Apache-2.0
package io.httun.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CapsulesTest {
    private final EmbeddedChannel channel = new EmbeddedChannel(new Capsules());

    private static ByteBuf hex(String text) {
        return Unpooled.wrappedBuffer(HexFormat.of().parseHex(text.replace(" ", "")));
    }

    private int received() {
        try (ByteBufHolder next = new ByteBufHolder(channel.readInbound())) {
            return next.length();
        }
    }

    private record ByteBufHolder(ByteBuf bytes) implements AutoCloseable {
        int length() {
            return bytes == null ? -1 : bytes.readableBytes();
        }

        @Override
        public void close() {
            if (bytes != null) {
                bytes.release();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 62, 63, 64, 1200, 16_382, 16_383, 16_384, 65_527})
    void takesWhatWasMadeOfADatagram(int size) {
        ByteBuf made = Capsules.datagram(UnpooledByteBufAllocator.DEFAULT, Unpooled.wrappedBuffer(new byte[size]))
                .content();
        while (made.isReadable()) {
            channel.writeInbound(made.readRetainedSlice(Math.min(made.readableBytes(), size > 100 ? 997 : 1)));
        }
        made.release();
        assertThat(received()).isEqualTo(size);
        assertThat(received()).isEqualTo(-1);
    }

    @Test
    void skipsOtherCapsulesAndContexts() {
        channel.writeInbound(hex("40ff 03 aabbcc" + "00 02 02 ff" + "00 80000002 00 ee"));
        assertThat(received()).isEqualTo(1);
        assertThat(received()).isEqualTo(-1);
    }

    @Test
    void skipsALargeCapsuleWithoutKeepingIt() {
        channel.writeInbound(hex("29 80100000"));
        for (int i = 0; i < 16; i++) {
            channel.writeInbound(Unpooled.wrappedBuffer(new byte[1 << 16]));
        }
        channel.writeInbound(hex("00 02 00 ee"));
        assertThat(received()).isEqualTo(1);
    }

    @Test
    void refusesADatagramLargerThanUdpCarries() {
        assertThatThrownBy(() -> channel.writeInbound(hex("00 80010010")))
                .isInstanceOf(DecoderException.class)
                .hasMessageContaining("a DATAGRAM capsule of 65552 bytes");
    }
}
