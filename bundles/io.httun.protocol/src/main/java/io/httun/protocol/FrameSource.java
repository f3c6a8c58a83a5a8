// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import io.netty.buffer.ByteBuf;

/** Payloads that wait to be sent, taken out when there is a request or a reply to carry them. */
public interface FrameSource {
    /**
     * Length of the body that would hold all of it, with {@link FrameBody#OVERHEAD} for each frame; -1 while there is
     * nothing. More may have come when it is taken, or less be left.
     */
    int waiting();

    /**
     * Moves the next payload to a frame, of at most {@link FrameBody#room} bytes.
     *
     * @return false if there is nothing, or not room enough for it; nothing has been written then
     */
    boolean fill(ByteBuf frame);
}
