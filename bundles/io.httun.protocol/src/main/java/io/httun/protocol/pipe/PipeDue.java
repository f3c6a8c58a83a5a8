// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol.pipe;

import io.httun.protocol.Operation;

/**
 * An answer that is due at the server.
 *
 * @param <X> what the owner knows a request by
 */
public sealed interface PipeDue<X> {
    /** The request that is to be answered. */
    X request();

    /** 200 to a request on {@code w} that was {@linkplain PipeServerEnd.Verdict#HELD held}. */
    record Taken<X>(X request) implements PipeDue<X> {}

    /** 503 to a request on {@code r}: the client has given it up, or has more waiting than it may. */
    record Dropped<X>(X request) implements PipeDue<X> {}

    /**
     * 200 with frames to a request on {@code r}; with one frame without data when it has waited for
     * {@link PipeLimits#READ_WAIT}.
     *
     * @param number of the request
     * @param body fills the frames
     */
    record Reply<X>(X request, long number, PipeBody body) implements PipeDue<X> {
        /** What its frames are for. */
        public Operation operation() {
            return body.operation(Operation.PIPE_FROM_SERVER);
        }
    }
}
