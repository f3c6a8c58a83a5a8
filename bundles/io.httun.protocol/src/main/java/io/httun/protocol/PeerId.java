// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import io.httun.api.crypto.KeyAgreement;
import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * UUIDs of version 8 (RFC 9562 section 5.8) by which our own ends recognize each other and announce their
 * capabilities ({@code wire/httun.md} section 9). Opaque to stock peers.
 */
public final class PeerId {
    /** Capability bit: several sessions on one channel, told apart by the client's UUID. */
    public static final int SESSIONS = 1;

    /** Capability bit: bodies hold batches of frames ({@code docs/wire.md}). */
    public static final int BATCH = 2;

    /** Capability bit: an init that continues a session says so, and is refused where there is none ({@code docs/wire.md}). */
    public static final int CONTINUES = 4;

    /** Capability bit: several requests of a session in flight, in any order; requires {@link #BATCH} ({@code docs/wire.md}). */
    public static final int PARALLEL = 8;

    /** Capability bit: a session carries a pipe; requires {@link #PARALLEL} ({@code docs/wire.md}). */
    public static final int PIPE = 16;

    /** Capability bit: a session asks about the path and carries nothing; requires {@link #PARALLEL} ({@code docs/wire.md}). */
    public static final int PROBE = 32;

    private static final long MARK = 0x6874_7475_6E4BL << 16;
    private static final long MARK_MASK = 0xFFFF_FFFF_FFFFL << 16;
    private static final int VERSION = 8;
    private static final int CAPABILITIES_MASK = 0xfff;
    private static final long VARIANT = 2L << 62;
    private static final long NODE_MASK = Serials.MAX_NODE;

    private PeerId() {}

    /**
     * @param capabilities bits such as {@link #SESSIONS}
     * @param custom its first 62 bits, from the most significant, tell this peer from others
     */
    public static UUID of(int capabilities, long custom) {
        return new UUID(MARK | (long) VERSION << 12 | capabilities & CAPABILITIES_MASK, VARIANT | custom >>> 2);
    }

    /**
     * The identity of a server: the first 54 bits of the SHA3-256 of its UUID, and its number among the nodes behind a load balancer.
     *
     * @param node 1 to {@link Serials#MAX_NODE}; 0 for a server that has none
     */
    public static UUID ofServer(int capabilities, UUID configured, int node, KeyAgreement hash) {
        UUID id = ofConfigured(capabilities, configured, hash);
        return new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits() & ~NODE_MASK | node);
    }

    /** The number of a server among the nodes behind a load balancer; 0 for one that has none, and for a stock server. */
    public static int node(UUID server) {
        return capabilities(server) == 0 ? 0 : (int) (server.getLeastSignificantBits() & NODE_MASK);
    }

    /** The identity of a client with a configured UUID: the first 62 bits of its SHA3-256 tell it from others. */
    public static UUID ofConfigured(int capabilities, UUID configured, KeyAgreement hash) {
        byte[] bytes = ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(configured.getMostSignificantBits())
                .putLong(configured.getLeastSignificantBits())
                .array();
        return of(capabilities, ByteBuffer.wrap(hash.sha3(bytes, new byte[0])).getLong());
    }

    /** Whether a peer that shows {@code shown} is the one with this configured UUID, whatever its capabilities. */
    public static boolean isOfConfigured(UUID shown, UUID configured, KeyAgreement hash) {
        return ofConfigured(0, configured, hash).getLeastSignificantBits() == shown.getLeastSignificantBits();
    }

    /** The same peer, with a capability bit set or not. */
    public static UUID with(UUID peer, int capability, boolean set) {
        long without = peer.getMostSignificantBits() & ~(long) capability;
        return new UUID(set ? without | capability : without, peer.getLeastSignificantBits());
    }

    /** What a peer can do beyond the stock protocol: its capability bits, 0 for a stock peer. */
    public static int capabilities(UUID uuid) {
        boolean ours =
                (uuid.getMostSignificantBits() & MARK_MASK) == MARK && uuid.version() == VERSION && uuid.variant() == 2;
        return ours ? (int) uuid.getMostSignificantBits() & CAPABILITIES_MASK : 0;
    }
}
