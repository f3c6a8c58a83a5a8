// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.crypto.FrameCipher;
import io.httun.protocol.Frame;
import io.httun.protocol.FrameBody;
import io.httun.protocol.FrameException;
import io.httun.protocol.Operation;
import io.httun.protocol.SequenceType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The frames of a {@code w} in a session with parallel requests. */
final class BatchFrames {
    private BatchFrames() {}

    /**
     * All frames of a body, of one operation, each with a reference to its bytes of its own.
     *
     * @param first the frame by which the session was found; stays the caller's
     * @param allowed operations of such a session on {@code w}
     * @param rest what follows the first frame
     * @throws FrameException if one of them is wrong; none may be taken then
     */
    static List<Frame> read(Session session, Frame first, FrameCipher cipher, ByteBuf rest, Set<Operation> allowed) {
        List<Frame> frames = new ArrayList<>();
        boolean done = false;
        try {
            if (!allowed.contains(first.operation())) {
                throw new FrameException("operation " + first.operation() + " on w, expected one of " + allowed);
            }
            frames.add(checked(first, first.operation()));
            while (rest.isReadable()) {
                frames.add(next(session, first, cipher, FrameBody.next(rest)));
            }
            done = true;
            return frames;
        } finally {
            if (!done) {
                release(frames);
            }
        }
    }

    private static Frame next(Session session, Frame first, FrameCipher cipher, ByteBuf sealed) {
        ByteBuf out = PooledByteBufAllocator.DEFAULT.heapBuffer(sealed.readableBytes());
        try {
            Frame frame = new FrameOpener(cipher, sealed, out).open(session.key());
            if (frame == null) {
                throw new FrameException("a frame in a batch does not fit the session of the first frame");
            }
            return checked(frame, first.operation());
        } finally {
            out.release();
        }
    }

    /** Adds a reference to the payload. */
    private static Frame checked(Frame frame, Operation expected) {
        if (frame.operation() != expected || !SequenceType.B.isTypeOf(frame.sequence())) {
            throw new FrameException("operation " + frame.operation() + " with sequence field "
                    + Long.toHexString(frame.sequence()) + " in a batch, expected " + expected
                    + " with a number of type B");
        }
        frame.payload().retain();
        return frame;
    }

    static void release(List<Frame> frames) {
        frames.forEach(frame -> frame.payload().release());
    }

    static int size(List<Frame> frames) {
        return frames.stream()
                .mapToInt(frame -> frame.payload().readableBytes())
                .sum();
    }
}
