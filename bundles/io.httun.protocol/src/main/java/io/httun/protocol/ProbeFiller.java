// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import io.netty.buffer.ByteBuf;

/** Payloads whose content does not matter, to make a body of a certain length. Not thread-safe. */
public final class ProbeFiller implements FrameSource {
    private static final byte[] ZEROS = new byte[Frame.MAX_PAYLOAD];

    private int left;

    /** @param length of the payloads, in bytes; 0 for none */
    public ProbeFiller(int length) {
        this.left = length;
    }

    /**
     * Largest length of the payloads in a batch.
     *
     * @param body largest length of the batch, in bytes
     * @param reserved bytes of {@code body} for something else
     */
    public static int lengthIn(int body, int reserved) {
        int room = body - reserved;
        int whole = room / (FrameBody.OVERHEAD + Frame.MAX_PAYLOAD);
        int rest = room - whole * (FrameBody.OVERHEAD + Frame.MAX_PAYLOAD);
        return whole * Frame.MAX_PAYLOAD + Math.max(0, rest - FrameBody.OVERHEAD);
    }

    @Override
    public int waiting() {
        int frames = (left + Frame.MAX_PAYLOAD - 1) / Frame.MAX_PAYLOAD;
        return left == 0 ? -1 : left + frames * FrameBody.OVERHEAD;
    }

    @Override
    public boolean fill(ByteBuf frame) {
        int length = Math.min(left, FrameBody.room(frame));
        if (length <= 0) {
            return false;
        }
        frame.writeBytes(ZEROS, 0, length);
        left -= length;
        return true;
    }
}
