// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol.pipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.protocol.FrameException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

class PipeFramesTest {
    private static ByteBuf buffer() {
        return Unpooled.buffer();
    }

    @Test
    void readsAnOffsetAndLeavesTheData() {
        ByteBuf payload = buffer().writeLong(7).writeByte(42);
        assertThat(PipeFrames.readOffset(payload)).isEqualTo(7);
        assertThat(payload.readByte()).isEqualTo((byte) 42);
        assertThat(PipeFrames.readReplyOffset(buffer().writeLong(7))).isEqualTo(7);
    }

    @Test
    void refusesWrongData() {
        assertThatThrownBy(() -> PipeFrames.readOffset(buffer().writeLong(7)))
                .isInstanceOf(FrameException.class)
                .hasMessage("pipe payload of 8 bytes, expected at least 9");
        assertThatThrownBy(() -> PipeFrames.readReplyOffset(buffer().writeInt(7)))
                .hasMessage("pipe payload of 4 bytes, expected at least 8");
        assertThatThrownBy(() -> PipeFrames.readOffset(buffer().writeLong(-1).writeByte(0)))
                .hasMessage(
                        "pipe offset 18446744073709551615 before 1 bytes, expected an end below the next multiple of 2^56, and below"
                                + " 2^63");
        assertThatThrownBy(() ->
                        PipeFrames.readOffset(buffer().writeLong(Long.MAX_VALUE).writeByte(0)))
                .hasMessageContaining("expected an end below the next multiple of 2^56");
    }

    @Test
    void readsTheRequestThatItWrote() {
        ByteBuf payload = buffer();
        PipeFrames.writeAsk(payload, 1L << 40, 16, new long[] {3, 1});
        assertThat(payload.readableBytes()).isEqualTo(PipeFrames.askLength(2));
        PipeAsk ask = PipeFrames.readAsk(payload);
        assertThat(ask.received()).isEqualTo(1L << 40);
        assertThat(ask.most()).isEqualTo(16);
        assertThat(ask.losses()).containsExactly(3, 1);
    }

    @Test
    void refusesWrongRequests() {
        assertThatThrownBy(() -> PipeFrames.readAsk(buffer().writeLong(0)))
                .hasMessage("pipe request of 8 bytes, expected at least 10");
        assertThatThrownBy(() ->
                        PipeFrames.readAsk(buffer().writeLong(-1).writeByte(16).writeByte(0)))
                .hasMessageContaining("expected less than 2^63");
        assertThatThrownBy(() -> PipeFrames.readAsk(
                        buffer().writeLong(0).writeByte(16).writeByte(2).writeLong(1)))
                .hasMessageContaining("pipe request of 18 bytes with a count of 2, expected a count of at most 32");
        assertThatThrownBy(() -> PipeFrames.readAsk(
                        buffer().writeLong(0).writeByte(16).writeByte(33).writeZero(33 * 8)))
                .hasMessageContaining("count of 33");
        assertThatThrownBy(() -> PipeFrames.readAsk(
                        buffer().writeLong(0).writeByte(16).writeByte(1).writeLong(1L << 62)))
                .hasMessageContaining("expected less than 2^62");
        for (int most : new int[] {0, 65}) {
            assertThatThrownBy(() -> PipeFrames.readAsk(
                            buffer().writeLong(0).writeByte(most).writeByte(0)))
                    .hasMessage(most + " requests, expected 1 to 64");
        }
    }

    @Test
    void readsTheEndThatItWrote() {
        ByteBuf payload = buffer();
        PipeEnding ending = new PipeEnding(PipeEnding.Reason.STOPPING, "köln");
        ending.write(payload);
        assertThat(PipeEnding.read(payload)).isEqualTo(ending);
    }

    @Test
    void cutsALongTextBetweenCharacters() {
        ByteBuf payload = buffer();
        new PipeEnding(PipeEnding.Reason.ERROR, "ö".repeat(200)).write(payload);
        assertThat(PipeEnding.read(payload).text()).isEqualTo("ö".repeat(127));
    }

    @Test
    void refusesWrongEnds() {
        assertThatThrownBy(() -> PipeEnding.read(buffer())).hasMessage("pipe end of 0 bytes, expected 1 to 256");
        assertThatThrownBy(() -> PipeEnding.read(buffer().writeByte(4)))
                .hasMessage("reason 4 of a pipe's end, expected 0 to 3");
        assertThatThrownBy(() -> PipeEnding.read(buffer().writeByte(0).writeByte(0xff)))
                .hasMessage("text of a pipe's end is not UTF-8");
    }
}
