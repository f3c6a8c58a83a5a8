// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

/** What to do about a request, once its reply or its failure is known. */
enum Verdict {
    /** {@code w}: every frame was taken. {@code r}: the reply holds frames. */
    DONE,
    /** {@code r}: the server has nothing at the moment. */
    EMPTY,
    /** Repeat without a pause. */
    AGAIN_AT_ONCE,
    /** Repeat after the pause that the reply asks for. */
    AGAIN_LATER,
    /** The session is lost: a repetition could lose or double bytes. */
    LOST
}
