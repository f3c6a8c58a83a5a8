// SPDX-License-Identifier: Apache-2.0
package io.httun.api.target;

/** What a filter decided. */
public sealed interface Decision {
    /** The connection may be made. */
    Allow ALLOW = new Allow();

    static Decision deny(String reason) {
        return new Deny(reason);
    }

    /** The connection may be made. */
    record Allow() implements Decision {}

    /**
     * The connection must not be made.
     *
     * @param reason for the log and the shell, for example {@code "filter default: 10.0.0.1 is in 10.0.0.0/8"}; it is
     *     not told to the peer
     */
    record Deny(String reason) implements Decision {}
}
