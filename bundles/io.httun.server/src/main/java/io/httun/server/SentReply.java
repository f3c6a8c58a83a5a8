// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.protocol.Operation;
import io.netty.buffer.ByteBuf;

/** The last sealed frame sent on {@code r}, kept until it has surely been delivered. Guarded by its outbox's lock. */
final class SentReply {
    /** The request may be a stranger's recording: it must not get many bytes for few. */
    private static final int REPEATED_PER_SECOND = 4;

    private final Operation operation;
    private final QueueBudget budget;
    private ByteBuf frame;
    private long sequence;
    private int underWay;
    private TokenBucket repeats = new TokenBucket();
    private boolean written;

    /** @param frame belongs to this reply */
    SentReply(Operation operation, long sequence, ByteBuf frame, QueueBudget budget) {
        budget.hold(frame.readableBytes());
        this.budget = budget;
        this.operation = operation;
        this.sequence = sequence;
        this.frame = frame;
    }

    /** Whether this is the reply to a repetition of this request. */
    boolean answers(Operation asked, long askedSequence) {
        return frame != null && sequence == askedSequence && operation == asked;
    }

    /** Whether no attempt to write it succeeded and none is under way. */
    boolean isUndelivered() {
        return !written && underWay == 0;
    }

    /** Whether nothing new may be sent before this one's fate is known. */
    boolean isOpen() {
        return !written;
    }

    boolean isOf(Operation asked) {
        return operation == asked;
    }

    /** Counts a repetition, and says whether it may be answered. */
    boolean mayRepeat() {
        return repeats.take(REPEATED_PER_SECOND);
    }

    /** Makes this the reply to another request. */
    void moveTo(long nextSequence) {
        sequence = nextSequence;
        repeats = new TokenBucket();
    }

    /** One more attempt to write it. @return a reference that the caller owns */
    ByteBuf send(boolean counts) {
        if (counts) {
            underWay++;
        }
        return frame.retainedDuplicate();
    }

    void told(boolean success) {
        underWay--;
        written |= success;
    }

    /** Gives the bytes back once the client has moved on. */
    void forget() {
        if (frame != null) {
            budget.hold(-frame.readableBytes());
            frame.release();
            frame = null;
        }
    }
}
