// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol.pipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.protocol.Frame;
import io.httun.protocol.FrameException;
import io.httun.protocol.Operation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PipeClientEndTest {
    private static final long MILLI = 1_000_000;

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
    private final PipeClientEnd client = new PipeClientEnd(allocator, PipeLimits.DEFAULT, 0);

    @AfterEach
    void releasesEverything() {
        client.close();
        assertThat(allocator.metric().usedHeapMemory()).isZero();
    }

    private void write(String text) {
        client.write(allocator.heapBuffer().writeBytes(text.getBytes(StandardCharsets.UTF_8)));
    }

    private ByteBuf data(long offset, String text) {
        return allocator.heapBuffer().writeLong(offset).writeBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    private PipeExchange.Read nextRead(long now) {
        return (PipeExchange.Read) client.next(now);
    }

    private String filled(PipeExchange exchange) {
        ByteBuf frame = Frame.allocate(allocator, 1_000);
        assertThat(((PipeExchange.Write) exchange).body().fill(frame)).isTrue();
        frame.readerIndex(Frame.HEADER_LENGTH);
        String text = exchange.operation() == Operation.PIPE_END
                ? PipeEnding.read(frame).text()
                : PipeFrames.readOffset(frame) + frame.toString(StandardCharsets.UTF_8);
        frame.release();
        return text;
    }

    @Test
    void twoRequestsWaitAndTheNextOneTellsWhatWasRead() {
        PipeExchange.Read first = nextRead(0);
        assertThat(nextRead(0).number()).isEqualTo(1);
        assertThat(client.next(0)).isNull();
        client.received(first, data(0, "abc"), 1);
        client.answered(first, 1);
        ByteBuf read = client.read();
        assertThat(read.toString(StandardCharsets.UTF_8)).isEqualTo("abc");
        read.release();
        ByteBuf frame = allocator.heapBuffer();
        nextRead(1).write(frame);
        assertThat(PipeFrames.readAsk(frame).received()).isEqualTo(3);
        frame.release();
    }

    @Test
    void whatFailedIsSentAgainAfterAPause() {
        write("abc");
        PipeExchange write = client.next(0);
        assertThat(filled(write)).isEqualTo("0abc");
        nextRead(0);
        nextRead(0);
        client.failed(write, 10);
        assertThat(client.next(10)).isNull();
        assertThat(client.isReconnecting()).isTrue();
        assertThat(client.wakeAt(10)).isEqualTo(10 + 50 * MILLI);
        PipeExchange again = client.next(10 + 50 * MILLI);
        assertThat(filled(again)).isEqualTo("0abc");
        client.failed(again, 20 + 50 * MILLI);
        assertThat(client.wakeAt(20 + 50 * MILLI)).isEqualTo(20 + 150 * MILLI);
        client.lineChanged(30 + 50 * MILLI);
        assertThat(filled(again = client.next(30 + 50 * MILLI))).isEqualTo("0abc");
        client.answered(again, 40 + 50 * MILLI);
        assertThat(client.unacknowledged()).isZero();
        assertThat(client.isReconnecting()).isFalse();
    }

    @Test
    void aFailedRequestIsNamedUntilOneThatNamesItIsProved() {
        PipeExchange.Read first = nextRead(0);
        PipeExchange.Read second = nextRead(0);
        client.failed(first, 0);
        PipeExchange.Read third = nextRead(50 * MILLI);
        assertThat(third.losses).containsExactly(0);
        client.answered(third, 51 * MILLI);
        client.received(second, data(0, ""), 52 * MILLI);
        client.answered(second, 52 * MILLI);
        PipeExchange.Read fourth = nextRead(200 * MILLI);
        assertThat(fourth.losses).containsExactly(2, 0);
        client.received(fourth, data(0, ""), 201 * MILLI);
        client.answered(fourth, 201 * MILLI);
        nextRead(201 * MILLI);
        assertThat(nextRead(201 * MILLI).losses).isEmpty();
    }

    @Test
    void dataBeyondWhatTheServerMaySendIsRefused() {
        PipeExchange.Read read = nextRead(0);
        assertThatThrownBy(() -> client.received(read, data(PipeLimits.BUFFER, "a"), 0))
                .isInstanceOf(FrameException.class)
                .hasMessage("pipe data up to offset 16777217, expected at most 16777216");
    }

    private static long received(PipeExchange.Read read, UnpooledByteBufAllocator allocator) {
        ByteBuf frame = allocator.heapBuffer();
        read.write(frame);
        long received = PipeFrames.readAsk(frame).received();
        frame.release();
        return received;
    }

    @Test
    void anEpochThatBeginsHereIsToldAtOnce() {
        client.exchanges(2, 2);
        write("abc");
        PipeExchange write = client.next(0);
        assertThat(filled(write)).isEqualTo("0abc");
        PipeExchange.Read first = nextRead(0);
        nextRead(0);
        write("def");
        assertThat(client.nextEpoch()).isTrue();
        assertThat(received(nextRead(0), allocator)).isEqualTo(1L << 56);
        assertThat(client.next(0)).as("nothing is left to be sent").isNull();
        client.failed(write, 1);
        assertThat(client.next(MILLI * 60)).as("nothing is sent again").isNull();
        client.received(first, data(0, "late"), 1);
        client.answered(first, 1);
        assertThat(client.read()).isNull();
        write("new");
        assertThat(filled(client.next(MILLI * 60))).isEqualTo((1L << 56) + "new");
    }

    @Test
    void anEpochThatTheServerBeginsEndsTheOneBefore() {
        PipeExchange.Read first = nextRead(0);
        PipeExchange.Read second = nextRead(0);
        client.received(first, data(3, "behind a gap"), 1);
        write("abc");
        client.received(second, data(1L << 56, ""), 1);
        client.answered(second, 1);
        assertThat(client.epoch()).isEqualTo(1);
        assertThat(client.unacknowledged()).isZero();
        assertThat(client.unread()).isZero();
        assertThat(received(nextRead(1), allocator)).isEqualTo(1L << 56);
    }

    @Test
    void isNotWritableBehindOneBody() {
        assertThat(client.bytesBeforeUnwritable()).isEqualTo(LineEstimate.MIN_BODY);
        client.write(allocator.heapBuffer().writeZero(LineEstimate.MIN_BODY));
        assertThat(client.isWritable()).isFalse();
        client.next(0);
    }

    @Test
    void theEndGoesAloneUntilItIsAnswered() {
        write("abc");
        client.end(new PipeEnding(PipeEnding.Reason.DONE, "bye"));
        PipeExchange end = client.next(0);
        assertThat(filled(end)).isEqualTo("bye");
        assertThat(client.next(0)).isNull();
        client.answered(end, 1);
        assertThat(client.isEnded()).isTrue();
        assertThat(client.next(1)).isNull();
    }
}
