// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.target.RefusedException;

/** Waits for a session; gets it, or a refusal, once, on its event loop. */
interface SessionTaker {
    /** Whether the session is no longer wanted. */
    boolean isCancelled();

    /** @param session belongs to the taker, which immediately gives it an owner and later ends it */
    void ready(ClientSession session);

    void refused(RefusedException refusal);
}
