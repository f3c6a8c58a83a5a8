// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.netty.buffer.ByteBuf;

/** Whoever uses a session. Called on the session's event loop. */
interface SessionOwner {
    /** What was sent last was taken; more may be sent. */
    void acknowledged();

    /** A frame of the answer to {@link ClientSession#ask}. @param payload the receiver's to release */
    void received(ByteBuf payload);

    /** The answer is complete: ask again for more. @param empty whether the server had nothing */
    void answered(boolean empty);

    /** The session is lost: what was sent may not have arrived, and nothing more will come. */
    void lost(HttunException cause);
}
