// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

import io.httun.api.target.RefusedException;

/** A failure on a way to a target. */
final class ProxyException extends RefusedException {
    private static final long serialVersionUID = 1L;

    /** The scope of the fault, which decides about further attempts. */
    enum Fault {
        /** The target is unreachable or denied: no further attempt. */
        TARGET,
        /** The proxy has failed: the next alternative may work. */
        PROXY,
        /** The proxy needs the same login on a new connection. */
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
