// SPDX-License-Identifier: Apache-2.0
package io.httun.api.tun;

import io.httun.api.target.Decision;

/**
 * Judges IP packets on their way through a tunnel. A service with the property {@link #NAME}; channels and clients name the
 * filters they need, and drop every packet while one is missing.
 *
 * <p>Called for each packet by any number of threads at once: must neither block nor allocate, so reasons of denial are
 * made beforehand.
 */
@FunctionalInterface
public interface PacketFilter {
    /** Service property by which configurations refer to a filter. */
    String NAME = "name";

    /**
     * Decides on a packet, of either direction.
     *
     * @param packet holds, at {@code offset}, a whole IPv4 or IPv6 packet with right length fields; not to be changed
     */
    Decision decide(byte[] packet, int offset, int length);
}
