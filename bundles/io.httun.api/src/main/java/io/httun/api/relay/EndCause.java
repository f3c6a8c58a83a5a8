// SPDX-License-Identifier: Apache-2.0
package io.httun.api.relay;

import io.httun.api.target.RefusedException;

/** Why a connection ended or was not made; each has exactly one. */
public enum EndCause {
    /** Both sides ended, and everything arrived. */
    COMPLETE,
    /** The peer went before it was connected. */
    CLIENT_GONE,
    /** The inbound channel failed or was reset. */
    CLIENT_FAILED,
    /** The target's channel failed or was reset. */
    TARGET_FAILED,
    /** Nothing moved for the policy's idle time. */
    IDLE,
    /** It was open for the policy's life time. */
    LIFE_TIME,
    /** It carried less than the policy's minimum rate. */
    TOO_SLOW,
    /** It carried the policy's maximum of bytes. */
    BYTES,
    /** One side had ended, and the other went on for longer than the policy allows. */
    HALF_CLOSED,
    /** An operator ended it. */
    OPERATOR,
    /** Its listener stopped. */
    LISTENER_STOPPED,
    /** The peer spoke what its protocol does not allow. */
    MALFORMED,
    /** The peer did not log in, or not rightly. */
    UNAUTHENTICATED,
    /** The peer took too long to say what it wants. */
    NEGOTIATION_TIMED_OUT,
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
    /** Its source had as many connections as it may. */
    TOO_MANY,
    /** A part that is needed (connector, tunnel, server) is not there at the moment. */
    UNAVAILABLE,
    /** Anything else. */
    FAILED;

    /** The cause of the same name. */
    public static EndCause of(RefusedException.Cause refusal) {
        return valueOf(refusal.name());
    }
}
