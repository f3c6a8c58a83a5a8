// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.protocol.PeerId;
import java.util.UUID;

/**
 * What a session's two ends can do beyond the stock wire, as the init and its answer said.
 *
 * @param capabilities of both ends, see {@link PeerId}
 * @param severalSessions whether the server serves several sessions on one channel, whatever this session is for
 * @param node the server's number among those behind a load balancer, 0 for none
 */
record PeerProtocol(int capabilities, boolean severalSessions, int node) {
    /** Bytes a millisecond: the slowest line that works, 5 kB/s. */
    private static final int SLOWEST = 5;

    private static final int PARALLEL = PeerId.SESSIONS | PeerId.BATCH | PeerId.PARALLEL;
    private static final int PIPE = PARALLEL | PeerId.PIPE;

    /** @param client what the client showed of itself @param server what the server answered */
    static PeerProtocol of(UUID client, UUID server) {
        int can = PeerId.capabilities(server);
        return new PeerProtocol(
                (PeerId.capabilities(client) | PeerId.CONTINUES) & can,
                (can & PeerId.SESSIONS) != 0,
                PeerId.node(server));
    }

    /** Whether the session carries a pipe. */
    boolean pipes() {
        return (capabilities & PIPE) == PIPE;
    }

    /** Whether several requests of a direction may be in flight, in any order. */
    boolean parallel() {
        return (capabilities & PARALLEL) == PARALLEL;
    }

    /** Whether frames travel as on the stock wire. */
    boolean stock() {
        return (capabilities & PeerId.BATCH) == 0;
    }

    /** The UUID of the init that continues the pipe of a session of this one. A server that has started anew must not take it for the beginning. */
    UUID successor(UUID slot) {
        return (capabilities & PeerId.CONTINUES) == 0 ? slot : PeerId.with(slot, PeerId.CONTINUES, true);
    }

    /**
     * Milliseconds without progress after which a {@code w} has failed. The kernel and proxies take a body long before a slow line has
     * carried it, so progress does not always show.
     *
     * @param base as configured, for a small one
     * @param length of its body
     * @param again whether it may be sent again; one that may not waits as long as the slowest line takes
     */
    static long stallMillis(long base, int length, boolean again) {
        long slowest = length / SLOWEST;
        return base + (again ? slowest / 4 : slowest);
    }
}
