// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.protocol.PeerId;
import java.util.UUID;

/**
 * The capabilities of a session's two ends beyond the stock wire, from the init and its answer.
 *
 * @param capabilities of both ends, see {@link PeerId}
 * @param severalSessions whether the server serves several sessions on one channel, independent of this session
 * @param node the server's number among those behind a load balancer, 0 for none
 */
record PeerProtocol(int capabilities, boolean severalSessions, int node) {
    /** Bytes per millisecond on the slowest supported line: 5 kB/s. */
    private static final int SLOWEST = 5;

    private static final int PARALLEL = PeerId.SESSIONS | PeerId.BATCH | PeerId.PARALLEL;
    private static final int PIPE = PARALLEL | PeerId.PIPE;

    /** @param client UUID of the init @param server UUID of the answer */
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

    /** Whether the session uses the stock wire. */
    boolean stock() {
        return (capabilities & PeerId.BATCH) == 0;
    }

    /** Returns the UUID of the init that continues a pipe. A restarted server must not mistake it for the beginning of one. */
    UUID successor(UUID slot) {
        return (capabilities & PeerId.CONTINUES) == 0 ? slot : PeerId.with(slot, PeerId.CONTINUES, true);
    }

    /**
     * Returns the milliseconds without progress after which a {@code w} has failed. Progress is not always visible: the kernel and
     * proxies buffer a body long before a slow line has carried it.
     *
     * @param base the configured limit, for a small request
     * @param length of its body
     * @param again whether it may be repeated; otherwise the limit allows for the slowest line
     */
    static long stallMillis(long base, int length, boolean again) {
        long slowest = length / SLOWEST;
        return base + (again ? slowest / 4 : slowest);
    }
}
