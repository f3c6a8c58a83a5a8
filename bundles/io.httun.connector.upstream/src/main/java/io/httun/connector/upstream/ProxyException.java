// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

import io.httun.api.target.RefusedException;

/** A way did not lead to its end. */
final class ProxyException extends RefusedException {
    private static final long serialVersionUID = 1L;

    /** What to do about it. */
    enum Fault {
        /** The target cannot be reached, or must not: that is the answer. */
        TARGET,
        /** The proxy is of no use: another way may do. */
        PROXY,
        /** The proxy wants to hear the same on a new connection. */
        CONNECTION
    }

    private final Fault fault;

    ProxyException(Fault fault, Cause cause, String message) {
        super(cause, message);
        this.fault = fault;
    }

    Fault fault() {
        return fault;
    }
}
