// SPDX-License-Identifier: Apache-2.0
package io.httun.api.cluster;

/**
 * The last word of an administrator on a channel, which holds at all servers of a cluster. Of two on the same channel one is later, in the same way
 * at every server, whatever their clocks say.
 *
 * @param channel name; letters, digits and {@code - _ .}, 1 to 64
 * @param version one more than that of the word before, as far as it was known where this one was said; 1 to {@link #MAX_VERSION}
 * @param node number of the server where it was said, 0 to 255
 */
public record ChannelClosure(String channel, long version, int node, State state) {
    /** More than administrators ever say; a counter above it could never be topped. */
    public static final long MAX_VERSION = 1L << 48;

    /** In this order, of two words that were said at once and at one server: closed holds. */
    public enum State {
        OPEN,
        DISABLED,
        DELETED
    }

    public boolean isClosed() {
        return state != State.OPEN;
    }

    /** Whether this one holds, and not the other. */
    public boolean isAfter(ChannelClosure other) {
        if (version != other.version) {
            return version > other.version;
        }
        return node != other.node ? node > other.node : state.compareTo(other.state) > 0;
    }

    /** Such as {@code disabled at node 2}. */
    public String text() {
        return (state == State.OPEN ? "enabled" : state == State.DISABLED ? "disabled" : "deleted") + " at node "
                + node;
    }
}
