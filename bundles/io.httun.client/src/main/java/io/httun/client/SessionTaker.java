// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.target.RefusedException;

/** Wants a session. Told once, on its event loop. */
interface SessionTaker {
    /** Whether it has gone meanwhile. */
    boolean isCancelled();

    /** @param session belongs to the taker, who gives it an owner at once and ends it */
    void ready(ClientSession session);

    void refused(RefusedException refusal);
}
