// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol.pipe;

import io.httun.protocol.Frame;
import io.httun.protocol.FrameBody;
import io.httun.protocol.FrameSource;
import io.httun.protocol.Operation;
import io.netty.buffer.ByteBuf;

/**
 * What one body carries. The owner makes the body at once: {@code FrameBody.batch(allocator, body.limit(), body, sealer)}, where the
 * sealer seals {@link #operation}. The bytes are copied into the frames; they stay in the pipe until the peer has them, and
 * count as carried by this body once filled, whatever becomes of it.
 */
public final class PipeBody implements FrameSource {
    final OffsetRanges carried = new OffsetRanges();
    final LineEstimate.Sample sample;
    private final Outbound out;
    private final PipeEnding ending;
    private final boolean idle;
    private int budget;

    private PipeBody(Outbound out, int budget, PipeEnding ending, boolean idle, LineEstimate.Sample sample) {
        this.out = out;
        this.budget = budget;
        this.ending = ending;
        this.idle = idle;
        this.sample = sample;
    }

    /** @param budget most bytes of data */
    static PipeBody data(Outbound out, int budget, long now) {
        return new PipeBody(out, budget, null, false, out.begin(budget, now));
    }

    /** The end of the pipe. */
    static PipeBody end(Outbound out, PipeEnding ending) {
        return new PipeBody(out, 1, ending, false, null);
    }

    /** No data. */
    static PipeBody idle(Outbound out) {
        return new PipeBody(out, 1, null, true, null);
    }

    /** What its frames are for. @param data the operation of data in this direction */
    Operation operation(Operation data) {
        return ending == null ? data : Operation.PIPE_END;
    }

    boolean isEnd() {
        return ending != null;
    }

    /** Length of the body, to be given to {@link FrameBody#batch}. */
    public int limit() {
        return ending == null ? Outbound.bodyLength(budget) : FrameBody.OVERHEAD + Byte.BYTES + PipeEnding.MAX_TEXT;
    }

    @Override
    public int waiting() {
        return budget == 0 ? -1 : limit();
    }

    @Override
    public boolean fill(ByteBuf frame) {
        if (budget == 0) {
            return false;
        }
        if (idle || ending != null) {
            budget = 0;
            if (idle) {
                frame.writeLong(out.buffer().sent());
            } else {
                ending.write(frame);
            }
            return true;
        }
        int room = FrameBody.room(frame);
        int length = out.fill(frame, budget, carried);
        budget -= length;
        // Many short lost ranges may need more frames than the body has room for.
        int left = room - PipeFrames.DATA_HEADER - length;
        if (length == 0 || room < Frame.MAX_PAYLOAD && left <= FrameBody.OVERHEAD + PipeFrames.DATA_HEADER) {
            budget = 0;
        }
        return length > 0;
    }

    /** Whether the frame that was filled last is the last of the body. */
    public boolean isComplete() {
        return budget == 0;
    }
}
