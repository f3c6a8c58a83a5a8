// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import io.netty.buffer.ByteBuf;

/** A queue of payloads, emptied when there is a request or a reply to carry them. */
public interface FrameSource {
    /**
     * Length of the body that would hold all payloads, with {@link FrameBody#OVERHEAD} for each frame; -1 while there is
     * nothing. The queue may grow or shrink before it is taken.
     */
    int waiting();

    /**
     * Moves the next payload to a frame, of at most {@link FrameBody#room} bytes.
     *
     * @return false if there is nothing, or not enough room for it; nothing has been written then
     */
    boolean fill(ByteBuf frame);
}
