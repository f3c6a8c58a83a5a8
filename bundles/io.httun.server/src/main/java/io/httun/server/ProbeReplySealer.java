// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.HttunException;
import io.httun.api.crypto.FrameCipher;
import io.httun.protocol.FrameBody;
import io.httun.protocol.FrameSource;
import io.httun.protocol.Operation;
import io.httun.protocol.ProbeFiller;
import io.httun.protocol.ProbeResult;
import io.httun.protocol.pipe.PipeFrames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.function.UnaryOperator;

/** Makes the body of one reply to a probe. Not thread-safe. */
final class ProbeReplySealer implements UnaryOperator<ByteBuf> {
    private final Session session;
    private final FrameCipher cipher;
    private final long number;
    private int index;
    private boolean last;

    ProbeReplySealer(Session session, FrameCipher cipher, long number) {
        this.session = session;
        this.cipher = cipher;
        this.number = number;
    }

    /**
     * The frames before the result.
     *
     * @param length of their payloads
     * @param more room for the result
     * @return with a capacity for it; owned by the caller
     * @throws HttunException if it would be too long, or the key is used up
     */
    ByteBuf filler(int length, int more) {
        ProbeFiller source = new ProbeFiller(length);
        int needed = Math.max(0, source.waiting());
        if (needed > FrameBody.MAX_BATCH - FrameBody.OVERHEAD - ProbeResult.LENGTH) {
            throw new HttunException("the body would be larger than a batch may be");
        }
        ByteBuf body = PooledByteBufAllocator.DEFAULT.heapBuffer(needed + more);
        if (length > 0) {
            append(body, needed, source);
        }
        return body;
    }

    /** The body with the result behind it; takes over {@code body}, and releases it if that fails. */
    ByteBuf finish(ByteBuf body, ProbeResult result) {
        last = true;
        FrameSource source = new FrameSource() {
            private boolean done;

            @Override
            public int waiting() {
                return FrameBody.OVERHEAD + ProbeResult.LENGTH + ProbeResult.MAX_TEXT;
            }

            @Override
            public boolean fill(ByteBuf frame) {
                boolean first = !done;
                if (first) {
                    result.write(frame);
                }
                done = true;
                return first;
            }
        };
        append(body, source.waiting(), source);
        return body;
    }

    private void append(ByteBuf body, int limit, FrameSource source) {
        boolean done = false;
        try {
            ByteBuf frames = FrameBody.batch(PooledByteBufAllocator.DEFAULT, limit, source, this);
            body.writeBytes(frames);
            frames.release();
            done = true;
        } finally {
            if (!done) {
                body.release();
            }
        }
    }

    @Override
    public ByteBuf apply(ByteBuf frame) {
        long sequence = PipeFrames.replySequence(number, index++, last);
        return session.seal(cipher, Operation.PROBE_FROM_SERVER, sequence, frame);
    }
}
