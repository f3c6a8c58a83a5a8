// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

/**
 * Serials of a session's requests ({@code docs/wire.md}, "Serials"): 40 bits, counted from the init's. They find the session at a server, and
 * the node behind a load balancer. A hint only: no decision may rest on one.
 */
public final class Serials {
    /** Mask of the 40 bits of a serial. */
    public static final long MASK = (1L << 40) - 1;

    /** The highest number of a node. */
    public static final int MAX_NODE = 255;

    private static final int NODE_SHIFT = 32;
    private static final long COUNT_MASK = (1L << NODE_SHIFT) - 1;

    private Serials() {}

    /**
     * @param count of which the lowest bits are taken: 32 with a node, 40 without
     * @param node for which the request is, 1 to {@link #MAX_NODE}; 0 for any
     */
    public static long of(long count, int node) {
        return node == 0 ? count & MASK : (long) node << NODE_SHIFT | count & COUNT_MASK;
    }

    /** The number of the node that a serial is for, if its client's is one of ours; 0 for none. */
    public static int node(long serial) {
        return (int) (serial >>> NODE_SHIFT) & MAX_NODE;
    }

    /** The serial behind another one of the same direction; behind the init's, that of the first {@code r}. */
    public static long next(long serial, int node) {
        return of(serial + 1, node);
    }

    /** The serial of the first {@code w}: half of them away from the init's, so that one look at a serial tells its session and direction. */
    public static long firstWrite(long init, int node) {
        return of(init + (1L << (node == 0 ? 39 : NODE_SHIFT - 1)), node);
    }
}
