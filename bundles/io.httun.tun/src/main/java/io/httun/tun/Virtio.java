// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

/** The header before a packet with offload: {@code struct virtio_net_hdr}, in the host's byte order. */
final class Virtio {
    static final int HEADER = 10;

    static final int FLAGS_AT = 0;
    static final int GSO_TYPE_AT = 1;
    static final int HEADER_LENGTH_AT = 2;
    static final int GSO_SIZE_AT = 4;
    static final int CHECKSUM_START_AT = 6;
    static final int CHECKSUM_OFFSET_AT = 8;

    static final int NEEDS_CHECKSUM = 1;

    static final int GSO_NONE = 0;
    static final int GSO_TCP4 = 1;
    static final int GSO_TCP6 = 4;
    static final int GSO_UDP = 5;
    /** Flag added for TCP with explicit congestion notification. */
    static final int GSO_ECN = 0x80;

    private Virtio() {}
}
