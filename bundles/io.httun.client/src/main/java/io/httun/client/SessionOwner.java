// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.netty.buffer.ByteBuf;

/** The user of a session. Called on the session's event loop. */
interface SessionOwner {
    /** The last message was acknowledged; the next one may be sent. */
    void acknowledged();

    /** A frame of the answer to {@link ClientSession#ask}. @param payload ownership passes */
    void received(ByteBuf payload);

    /** The answer is complete; the next request may follow. @param empty whether the server had no data */
    void answered(boolean empty);

    /** The session is lost: the last message may not have arrived, and no further data follows. */
    void lost(HttunException cause);
}
