// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.netty.buffer.ByteBuf;

/** Whoever uses a session. Called on the session's event loop. */
interface SessionOwner {
    /** The frame sent last was taken; the next one may be sent. */
    void acknowledged();

    /** An answer to {@link ClientSession#ask}. @param payload the receiver's to release */
    void received(ByteBuf payload);

    /** The server had nothing; ask again for more. */
    void receivedNothing();

    /** The session is lost: what was sent may not have arrived, and nothing more will come. */
    void lost(HttunException cause);
}
