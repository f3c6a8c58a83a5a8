// SPDX-License-Identifier: Apache-2.0
package io.httun.api.target;

import io.httun.api.HttunException;

/** A connection was not made, with the cause that a negotiation translates into its own reply. No stack trace. */
public class RefusedException extends HttunException {
    private static final long serialVersionUID = 1L;

    /** Why a connection was not made. */
    public enum Cause {
        /** A filter said no, or a filter that is needed is missing. */
        DENIED,
        /** The name has no address. */
        UNRESOLVED,
        /** The target answered with a reset. */
        CONNECTION_REFUSED,
        /** No route to the target's host or network. */
        UNREACHABLE,
        /** Nothing answered in time. */
        TIMED_OUT,
        /** A limit of ours is reached; it may work later. */
        OVERLOADED,
        /** One source has as many connections as it may; others may well get one. */
        TOO_MANY,
        /** A part that is needed (connector, tunnel, server) is not there at the moment. */
        UNAVAILABLE,
        /** Anything else. */
        FAILED
    }

    private final Cause cause;

    public RefusedException(Cause cause, String message) {
        super(message, null, true);
        this.cause = cause;
    }

    /** Why, for translation into a reply. */
    public Cause refusal() {
        return cause;
    }
}
