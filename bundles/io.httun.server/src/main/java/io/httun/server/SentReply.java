// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.protocol.Operation;
import io.netty.buffer.ByteBuf;

/** The last sealed frame sent on {@code r}, kept until it has surely been delivered. Guarded by its read side's lock. */
final class SentReply {
    private static final int MAX_REPEATED = 4;

    private final Operation operation;
    private ByteBuf frame;
    private long sequence;
    private int underWay;
    private int repeated;
    private boolean written;

    /** @param frame belongs to this reply */
    SentReply(Operation operation, long sequence, ByteBuf frame) {
        this.operation = operation;
        this.sequence = sequence;
        this.frame = frame;
    }

    /** Whether this is what a repeated request has to get. */
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

    boolean mayRepeat() {
        return repeated < MAX_REPEATED;
    }

    /** Goes out for another request than the one that it was made for. */
    void moveTo(long nextSequence) {
        sequence = nextSequence;
        repeated = 0;
    }

    /** One more attempt to write it, with bytes of its own reference count. */
    ByteBuf send(boolean counts) {
        repeated++;
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
            frame.release();
            frame = null;
        }
    }
}
