// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

/** The action after the reply to a request, or after its failure. */
enum Verdict {
    /** {@code w}: every frame was accepted. {@code r}: the reply has frames. */
    DONE,
    /** {@code r}: the server has no data now. */
    EMPTY,
    /** Repeat without a pause. */
    AGAIN_AT_ONCE,
    /** Repeat after the pause that the reply requests. */
    AGAIN_LATER,
    /** The session is lost: a repetition could lose or duplicate bytes. */
    LOST
}
