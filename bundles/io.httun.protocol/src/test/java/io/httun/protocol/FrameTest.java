// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.crypto.FrameKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class FrameTest {
    private static final NonceSource NONCES = new NonceSource(new SecureRandom());

    @Property
    void opensWithEitherProviderToWhatWasSealedWithEither(
            @ForAll Provider sealer,
            @ForAll Provider opener,
            @ForAll @Size(FrameKey.LENGTH) byte[] secret,
            @ForAll Operation operation,
            @ForAll long sequence,
            @ForAll @Size(max = 2_000) byte[] payload) {
        ByteBuf wire = seal(sealer, new FrameKey(secret.clone()), operation, sequence, payload);
        assertThat(wire.readableBytes()).isEqualTo(payload.length + Frame.OVERHEAD);
        assertThat(Frame.isInit(wire)).isEqualTo(operation == Operation.INIT);
        try (Frame frame = StockVectors.open(opener, new FrameKey(secret.clone()), wire)) {
            assertThat(frame.operation()).isEqualTo(operation);
            assertThat(frame.sequence()).isEqualTo(sequence);
            assertThat(ByteBufUtil.getBytes(frame.payload())).isEqualTo(payload);
        }
        wire.release();
    }

    @Property
    void refusesAnyFlippedBit(
            @ForAll Provider provider,
            @ForAll @Size(max = 100) byte[] payload,
            @ForAll @IntRange(max = 999_999) int at) {
        FrameKey key = new FrameKey(new byte[FrameKey.LENGTH]);
        ByteBuf wire = seal(provider, key, Operation.L7_TO_SERVER, 1, payload);
        int bit = at % (wire.readableBytes() * Byte.SIZE);
        int index = bit / Byte.SIZE;
        wire.setByte(index, wire.getByte(index) ^ 1 << bit % Byte.SIZE);
        assertThat(StockVectors.open(provider, key, wire)).isNull();
        wire.release();
    }

    @Property
    void garbageIsEitherUnknownOrMalformedAndNothingElse(
            @ForAll Provider provider, @ForAll @Size(max = 200) byte[] garbage) {
        FrameKey key = new FrameKey(new byte[FrameKey.LENGTH]);
        ByteBuf wire = Unpooled.wrappedBuffer(garbage);
        if (garbage.length < Frame.OVERHEAD) {
            assertThatThrownBy(() -> StockVectors.open(provider, key, wire))
                    .isInstanceOf(FrameException.class)
                    .hasMessage("frame of " + garbage.length + " bytes, expected 48 to 65583");
        } else {
            assertThat(StockVectors.open(provider, key, wire)).isNull();
        }
    }

    @Property(tries = 20)
    void carriesTheLargestPayloadAndRefusesOneMore(@ForAll Provider provider) {
        FrameKey key = new FrameKey(new byte[FrameKey.LENGTH]);
        ByteBuf wire = seal(provider, key, Operation.TEST_TO_SERVER, 1, new byte[Frame.MAX_PAYLOAD]);
        try (Frame frame = StockVectors.open(provider, key, wire)) {
            assertThat(frame.payload().readableBytes()).isEqualTo(Frame.MAX_PAYLOAD);
        }
        wire.release();
        assertThatThrownBy(() -> seal(provider, key, Operation.TEST_TO_SERVER, 1, new byte[Frame.MAX_PAYLOAD + 1]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("payload of 65536 bytes, expected 0 to 65535");
    }

    @Example
    void everyFrameHasItsOwnNonce() {
        byte[] nonces = new byte[21 * 1_000];
        for (int i = 0; i < 1_000; i++) {
            NONCES.fill(nonces, 21 * i);
        }
        long different = IntStream.range(0, 1_000)
                .mapToObj(i -> Arrays.toString(Arrays.copyOfRange(nonces, 21 * i, 21 * i + 21)))
                .distinct()
                .count();
        assertThat(different).isEqualTo(1_000);
    }

    @Example
    void aFrameInTheMiddleOfABufferStaysInItsPlace() {
        FrameKey key = new FrameKey(new byte[FrameKey.LENGTH]);
        for (Provider provider : Provider.values()) {
            ByteBuf parent = Unpooled.buffer(200).writeZero(10);
            ByteBuf slice =
                    parent.slice(10, 80).setIndex(0, Frame.HEADER_LENGTH).writeBytes(new byte[] {1, 2, 3});
            Frame.seal(provider.cipher(), key, NONCES, Operation.TEST_TO_SERVER, 7, slice);
            ByteBuf out = Unpooled.buffer(200).slice(20, 100);
            try (Frame frame = Frame.open(provider.cipher(), key, slice, out)) {
                assertThat(ByteBufUtil.getBytes(frame.payload())).containsExactly(1, 2, 3);
            }
            assertThat(ByteBufUtil.getBytes(parent, 0, 10)).containsOnly(0);
        }
    }

    private static ByteBuf seal(Provider provider, FrameKey key, Operation operation, long sequence, byte[] payload) {
        ByteBuf wire = Frame.allocate(ByteBufAllocator.DEFAULT, payload.length).writeBytes(payload);
        try {
            return Frame.seal(provider.cipher(), key, NONCES, operation, sequence, wire);
        } catch (IllegalArgumentException e) {
            wire.release();
            throw e;
        }
    }
}
