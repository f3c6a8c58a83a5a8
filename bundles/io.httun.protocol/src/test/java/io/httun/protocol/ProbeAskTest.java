// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.protocol.ProbeAsk.Kind;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProbeAskTest {
    private static ByteBuf payload(int kind, int length, int first, int wait, int count) {
        return Unpooled.buffer()
                .writeByte(kind)
                .writeInt(length)
                .writeInt(first)
                .writeInt(wait)
                .writeByte(count)
                .writeLong(7);
    }

    @Test
    void isReadAsItWasWritten() {
        ProbeAsk ask = new ProbeAsk(Kind.PARTS, 70_000, 65_536, 700, 3, 1L << 40);
        ByteBuf payload = Unpooled.buffer();
        ask.write(payload);
        assertThat(payload.readableBytes()).isEqualTo(ProbeAsk.PAYLOAD);
        assertThat(ProbeAsk.read(payload)).isEqualTo(ask);
    }

    @ParameterizedTest
    @CsvSource({
        "5, 0, 0, 0, 1",
        "255, 0, 0, 0, 1",
        "0, 1048577, 0, 0, 1",
        "0, -1, 0, 0, 1",
        "2, 131073, 0, 0, 1",
        "2, 10, 11, 0, 1",
        "2, 10, -1, 0, 1",
        "0, 0, 0, 28001, 1",
        "0, 0, 0, -1, 1",
        "3, 0, 0, 0, 0",
        "3, 0, 0, 0, 65"
    })
    void isRefusedBeyondItsLimits(int kind, int length, int first, int wait, int count) {
        assertThatThrownBy(() -> ProbeAsk.read(payload(kind, length, first, wait, count)))
                .isInstanceOf(FrameException.class)
                .hasMessageContaining("expected");
    }

    @Test
    void isRefusedWithAnotherLength() {
        assertThatThrownBy(() -> ProbeAsk.read(payload(0, 0, 0, 0, 1).writeByte(0)))
                .isInstanceOf(FrameException.class);
        assertThatThrownBy(() -> ProbeAsk.read(Unpooled.EMPTY_BUFFER)).isInstanceOf(FrameException.class);
        assertThatThrownBy(() -> ProbeResult.read(Unpooled.buffer().writeInt(1)))
                .isInstanceOf(FrameException.class);
    }

    @Test
    void aResultIsReadAsItWasWritten() {
        ProbeResult result = new ProbeResult(true, 16, 1_800_000_000_000L, "host: tunnel.test\n");
        ByteBuf payload = Unpooled.buffer();
        result.write(payload);
        assertThat(ProbeResult.read(payload)).isEqualTo(result);
    }

    @ParameterizedTest
    @ValueSource(ints = {4096, 8192, 65_536, 131_072, 1 << 20})
    void fillerMakesABodyThatIsNearlyAsLongAsWanted(int body) {
        ByteBuf batch = FrameBody.batch(
                UnpooledByteBufAllocator.DEFAULT,
                body,
                new ProbeFiller(ProbeFiller.lengthIn(body, 0)),
                frame -> frame.writerIndex(frame.writerIndex() + 16));
        assertThat(batch.readableBytes()).isBetween(body - FrameBody.OVERHEAD, body);
        batch.release();
    }
}
