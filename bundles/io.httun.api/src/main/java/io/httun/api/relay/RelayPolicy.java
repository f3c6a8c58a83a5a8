// SPDX-License-Identifier: Apache-2.0
package io.httun.api.relay;

import java.time.Duration;

/**
 * What a connection may cost, and what all to which this policy applies may together. Zero is "no limit" everywhere. Immutable.
 *
 * @param idle time without a byte in either direction
 * @param life time from the accepted channel to its end
 * @param rateMin least bytes per minute, both directions together, measured over each whole minute after {@code grace}
 * @param grace time after the connection was made in which {@code rateMin} does not hold
 * @param rateTo most bytes per minute towards the target
 * @param rateFrom most bytes per minute from the target
 * @param bytesMax most bytes, both directions together
 * @param halfClosed time that one direction may stay open after the other has ended
 * @param connect time to get a connection to the target, with the look-up of its name
 * @param perSource most connections of one source at once
 * @param totalTo most bytes per minute towards all their targets together, each connection having its fair share
 * @param totalFrom most bytes per minute from all their targets together
 */
public record RelayPolicy(
        Duration idle,
        Duration life,
        long rateMin,
        Duration grace,
        long rateTo,
        long rateFrom,
        long bytesMax,
        Duration halfClosed,
        Duration connect,
        int perSource,
        long totalTo,
        long totalFrom) {
    /** No limit but those of the listener and the connector. */
    public static final RelayPolicy UNLIMITED = new RelayPolicy(
            Duration.ZERO, Duration.ZERO, 0, Duration.ofMinutes(1), 0, 0, 0, Duration.ZERO, Duration.ZERO, 0, 0, 0);
}
