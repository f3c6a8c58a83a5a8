// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol.pipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.protocol.Frame;
import io.httun.protocol.FrameException;
import io.httun.protocol.Operation;
import io.httun.protocol.pipe.PipeServerEnd.Verdict;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PipeServerEndTest {
    private static final int BUFFER = 2 << 20;
    private static final long[] NONE = {};
    private static final long SECOND_EPOCH = 1L << 56;

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
    private final PipeServerEnd<String> server = new PipeServerEnd<>(allocator, new PipeLimits(4, BUFFER));

    @AfterEach
    void releasesEverything() {
        server.close();
        assertThat(allocator.metric().usedHeapMemory()).isZero();
    }

    private ByteBuf text(String text) {
        return allocator.heapBuffer().writeBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    private List<ByteBuf> upload(long offset, int length) {
        return List.of(allocator.heapBuffer(8 + length).writeLong(offset).writeZero(length));
    }

    private boolean ask(long number, long received, long... losses) {
        return server.asked("r" + number, number, new PipeAsk(received, 16, losses), 0);
    }

    /** What the next reply carries. */
    private String reply(long number) {
        PipeDue.Reply<String> reply = (PipeDue.Reply<String>) server.next(0);
        assertThat(reply.request()).isEqualTo("r" + number);
        assertThat(reply.number()).isEqualTo(number);
        ByteBuf frame = Frame.allocate(allocator, 100);
        assertThat(reply.body().fill(frame)).isTrue();
        frame.readerIndex(Frame.HEADER_LENGTH);
        String text = reply.operation() == Operation.PIPE_END
                ? PipeEnding.read(frame).text()
                : PipeFrames.readReplyOffset(frame) + frame.toString(StandardCharsets.UTF_8);
        frame.release();
        return text;
    }

    @Test
    void requestsAreAnsweredInTheOrderOfTheirNumbers() {
        assertThat(ask(2, 0)).isTrue();
        assertThat(ask(1, 0)).isTrue();
        assertThat(server.next(0)).isNull();
        server.write(text("a"));
        assertThat(reply(1)).isEqualTo("0a");
        server.write(text("b"));
        assertThat(reply(2)).isEqualTo("1b");
        assertThat(ask(2, 0)).isFalse();
    }

    @Test
    void whatAFailedRequestCarriedIsSentAgainOnce() {
        ask(0, 0);
        server.write(text("abc"));
        assertThat(reply(0)).isEqualTo("0abc");
        ask(1, 0, 0);
        assertThat(reply(1)).isEqualTo("0abc");
        ask(2, 0, 0);
        assertThat(server.next(0)).isNull();
        ask(3, 3);
        assertThat(server.unacknowledged()).isZero();
    }

    @Test
    void aRequestThatArrivesAfterItWasListedGetsNothing() {
        ask(1, 0, 0);
        server.write(text("a"));
        assertThat(ask(0, 0)).isFalse();
        assertThat(reply(1)).isEqualTo("0a");
    }

    @Test
    void aWaitingRequestThatIsListedIsDropped() {
        ask(0, 0);
        ask(1, 0, 0);
        assertThat(server.next(0)).isEqualTo(new PipeDue.Dropped<>("r0"));
        assertThat(server.waiting()).isEqualTo(1);
    }

    @Test
    void anUndeliveredReplyIsSentAgainWithoutBeingListed() {
        ask(0, 0);
        server.write(text("a"));
        assertThat(reply(0)).isEqualTo("0a");
        server.undelivered(0);
        ask(1, 0, 0);
        assertThat(reply(1)).isEqualTo("0a");
    }

    @Test
    void aRequestWithoutDataIsAnsweredInTime() {
        ask(0, 0);
        assertThat(server.wakeAt()).isEqualTo(PipeLimits.READ_WAIT);
        assertThat(server.next(PipeLimits.READ_WAIT - 1)).isNull();
        PipeDue.Reply<String> reply = (PipeDue.Reply<String>) server.next(PipeLimits.READ_WAIT);
        assertThat(reply.number()).isZero();
        assertThat(server.wakeAt()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void anImpossibleAcknowledgementChangesNothing() {
        assertThatThrownBy(() -> ask(0, 1))
                .isInstanceOf(FrameException.class)
                .hasMessage("peer has received 1 bytes, but only 0 were sent");
        assertThat(ask(0, 0)).isTrue();
    }

    @Test
    void theFirstGapIsTakenWhateverWaitsBehindIt() {
        int half = BUFFER / 2;
        assertThat(server.written("1", upload(half, half - 1_000), 0)).isEqualTo(Verdict.TAKEN);
        assertThat(server.written("2", upload(half - 1_000_000, 900_000), 0)).isEqualTo(Verdict.TAKEN);
        assertThat(server.written("3", upload(half - 200_000, 200_000), 0)).isEqualTo(Verdict.REFUSED);
        assertThat(server.written("4", upload(0, half), 0)).isEqualTo(Verdict.HELD);
        assertThat(server.next(0)).isNull();
        for (ByteBuf data = server.read(); data != null; data = server.read()) {
            data.release();
        }
        assertThat(server.next(0)).isEqualTo(new PipeDue.Taken<>("4"));
    }

    @Test
    void answersToASlowReadersRequestsAreHeldForABoundedTime() {
        assertThat(server.written("1", upload(0, (1 << 20) + 1), 0)).isEqualTo(Verdict.HELD);
        assertThat(server.wakeAt()).isEqualTo(PipeLimits.WRITE_HOLD);
        assertThat(server.next(PipeLimits.WRITE_HOLD)).isEqualTo(new PipeDue.Taken<>("1"));
        assertThat(server.written("2", upload((1 << 20) + 1, 1 << 20), 0)).isEqualTo(Verdict.REFUSED);
        assertThat(server.written("1", upload(0, (1 << 20) + 1), 0)).isEqualTo(Verdict.HELD);
    }

    @Test
    void dataTooFarAheadIsMalformed() {
        assertThatThrownBy(() -> server.written("1", upload(BUFFER, 1), 0))
                .isInstanceOf(FrameException.class)
                .hasMessage("pipe data up to offset 2097153, expected at most 2097152");
    }

    @Test
    void anEpochThatBeginsHereIsToldWithEveryRequestOfTheOneBefore() {
        ask(0, 0);
        server.write(text("abc"));
        assertThat(reply(0)).isEqualTo("0abc");
        ask(1, 0);
        server.write(text("d"));
        assertThat(server.nextEpoch()).isTrue();
        assertThat(server.unacknowledged()).isZero();
        assertThat(server.bytesInFlight()).isZero();
        assertThat(reply(1)).isEqualTo(Long.toString(SECOND_EPOCH));
        ask(2, 3, 1);
        assertThat(reply(2)).isEqualTo(Long.toString(SECOND_EPOCH));
        ask(3, SECOND_EPOCH);
        assertThat(server.next(0)).isNull();
        server.write(text("new"));
        assertThat(reply(3)).isEqualTo(SECOND_EPOCH + "new");
    }

    @Test
    void anEpochThatTheClientBeginsEndsTheOneBefore() {
        ask(0, 0);
        server.write(text("abc"));
        assertThat(reply(0)).isEqualTo("0abc");
        assertThat(server.written("1", upload(0, 5), 0)).isEqualTo(Verdict.TAKEN);
        ask(1, SECOND_EPOCH, 0);
        assertThat(server.epoch()).isEqualTo(1);
        assertThat(server.read()).isNull();
        assertThat(server.next(0)).as("nothing of the old one is sent again").isNull();
        assertThat(server.written("2", upload(5, 5), 0)).isEqualTo(Verdict.TAKEN);
        assertThat(server.unread()).as("what comes late").isZero();
        assertThat(server.written("3", upload(2 * SECOND_EPOCH, 7), 0)).isEqualTo(Verdict.TAKEN);
        assertThat(server.epoch()).isEqualTo(2);
        assertThat(server.unread()).isEqualTo(7);
        assertThat(reply(1)).isEqualTo(Long.toString(2 * SECOND_EPOCH));
    }

    @Test
    void anImpossibleEpochChangesNothing() {
        assertThatThrownBy(() -> ask(0, SECOND_EPOCH + 1))
                .isInstanceOf(FrameException.class)
                .hasMessage("peer has received 72057594037927937 bytes of an epoch that begins, expected none");
        assertThatThrownBy(() -> server.written("1", upload(SECOND_EPOCH + BUFFER, 1), 0))
                .isInstanceOf(FrameException.class);
        assertThat(server.epoch()).isZero();
    }

    @Test
    void theLastEpochIsTheEndOfThePipe() {
        for (int i = 0; i < 127; i++) {
            assertThat(server.nextEpoch()).isTrue();
        }
        assertThat(server.nextEpoch()).isFalse();
    }

    @Test
    void theEndAnswersEveryRequest() {
        ask(0, 0);
        ask(1, 0);
        server.end(new PipeEnding(PipeEnding.Reason.STOPPING, "bye"));
        assertThat(server.isWritable()).isFalse();
        assertThat(reply(0)).isEqualTo("bye");
        assertThat(reply(1)).isEqualTo("bye");
    }

    @Test
    void aRequesterThatHasGoneGetsNothing() {
        assertThat(server.asked("r0", 0, new PipeAsk(0, 16, NONE), 0)).isTrue();
        server.gone("r0");
        server.write(text("a"));
        assertThat(server.next(0)).isNull();
    }
}
