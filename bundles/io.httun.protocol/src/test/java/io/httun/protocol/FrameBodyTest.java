// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.crypto.FrameKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FrameBodyTest {
    private static final FrameKey KEY = new FrameKey(new byte[FrameKey.LENGTH]);
    private static final NonceSource NONCES = new NonceSource(new SecureRandom());

    private long next;

    /** Payloads of given sizes. */
    private static final class Sizes implements FrameSource {
        final ArrayDeque<Integer> sizes = new ArrayDeque<>();

        Sizes(int... sizes) {
            for (int size : sizes) {
                this.sizes.add(size);
            }
        }

        @Override
        public int waiting() {
            return sizes.isEmpty()
                    ? -1
                    : sizes.stream().mapToInt(size -> size + FrameBody.OVERHEAD).sum();
        }

        @Override
        public boolean fill(ByteBuf frame) {
            if (sizes.isEmpty() || sizes.peek() > FrameBody.room(frame)) {
                return false;
            }
            frame.writeZero(sizes.poll());
            return true;
        }
    }

    private ByteBuf seal(ByteBuf frame) {
        return Frame.seal(
                Provider.JCA.cipher(), KEY, NONCES, Operation.L3_TO_SERVER, SequenceType.B.with(next++), frame);
    }

    private List<Integer> open(ByteBuf body) {
        List<Integer> sizes = new ArrayList<>();
        long expected = 0;
        while (body.isReadable()) {
            ByteBuf sealed = FrameBody.next(body);
            Frame frame = Frame.open(Provider.JCA.cipher(), KEY, sealed, Unpooled.buffer(sealed.readableBytes()));
            assertThat(SequenceType.number(frame.sequence())).isEqualTo(expected++);
            sizes.add(frame.payload().readableBytes());
        }
        return sizes;
    }

    private ByteBuf batch(int limit, FrameSource source) {
        return FrameBody.batch(UnpooledByteBufAllocator.DEFAULT, limit, source, this::seal);
    }

    @Test
    void holdsWhatWaits() {
        ByteBuf body = batch(FrameBody.MAX_BATCH, new Sizes(0, 1, 1400, 65_535, 7));
        assertThat(FrameBody.isBatch(body)).isTrue();
        assertThat(body.readableBytes()).isEqualTo(1 + 1400 + 65_535 + 7 + 5 * 52);
        assertThat(open(body)).containsExactly(0, 1, 1400, 65_535, 7);
    }

    @Test
    void stopsAtItsLimitAndLeavesTheRest() {
        Sizes source = new Sizes(65_535, 65_535, 1);
        ByteBuf body = batch(FrameBody.MIN_BATCH, source);
        assertThat(open(body)).containsExactly(65_535);
        assertThat(source.sizes).containsExactly(65_535, 1);
    }

    @Test
    void isNothingWhereNothingWaits() {
        assertThat(batch(FrameBody.MAX_BATCH, new Sizes())).isNull();
        assertThat(FrameBody.single(UnpooledByteBufAllocator.DEFAULT, new Sizes(), this::seal))
                .isNull();
    }

    @Test
    void singleFrameIsOfTheStockForm() {
        Sizes source = new Sizes(5, 6);
        ByteBuf frame = FrameBody.single(UnpooledByteBufAllocator.DEFAULT, source, this::seal);
        assertThat(frame.readableBytes()).isEqualTo(5 + Frame.OVERHEAD);
        assertThat(FrameBody.isBatch(frame)).isFalse();
        assertThat(source.sizes).containsExactly(6);
    }

    @Test
    void failedSealingLeaksNothing() {
        assertThatThrownBy(() -> FrameBody.batch(
                        UnpooledByteBufAllocator.DEFAULT, FrameBody.MAX_BATCH, new Sizes(1, 1), frame -> {
                            throw new FrameException("no");
                        }))
                .isInstanceOf(FrameException.class);
    }

    @Test
    void refusesLengthsThatAreNoFrames() {
        assertThatThrownBy(() -> FrameBody.next(Unpooled.buffer().writeByte(0)))
                .hasMessage("batch ends with 1 bytes, expected a frame");
        assertThatThrownBy(() -> FrameBody.next(Unpooled.buffer().writeInt(47).writeZero(47)))
                .hasMessageStartingWith("frame length 47 in a batch of which 47 bytes are left");
        assertThatThrownBy(() -> FrameBody.next(Unpooled.buffer().writeInt(48).writeZero(47)))
                .hasMessageStartingWith("frame length 48");
        assertThatThrownBy(
                        () -> FrameBody.next(Unpooled.buffer().writeInt(65_584).writeZero(70_000)))
                .hasMessageStartingWith("frame length 65584");
        assertThatThrownBy(() -> FrameBody.next(Unpooled.buffer().writeInt(-1)))
                .hasMessageStartingWith("frame length -1");
    }
}
