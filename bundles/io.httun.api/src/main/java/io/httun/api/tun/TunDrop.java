// SPDX-License-Identifier: Apache-2.0
package io.httun.api.tun;

import java.util.Locale;

/** Why a packet was dropped at a {@link TunDevice}. */
public enum TunDrop {
    /** Neither IPv4 nor IPv6. */
    NOT_IP,
    /** Shorter than its own header. */
    TRUNCATED,
    /** The header's length field disagrees with the packet. */
    WRONG_LENGTH,
    /** Offload information of the kernel that we cannot follow. */
    BAD_OFFLOAD,
    /** The device is not there, not up, or nobody uses it. */
    DEVICE_DOWN,
    /** An exception on the way, here or in the device's user; the log has it. */
    FAULT,
    /** The kernel did not take it. */
    WRITE_ERROR,
    /** Larger than the device's MTU, and neither to be cut nor to be fragmented. */
    TOO_BIG,
    /** No peer has the destination address. */
    NO_PEER,
    /** A peer sent it from an address that is not its own. */
    SPOOFED,
    /** A packet filter refused it. */
    FILTERED,
    /** Waited too long in a queue, or found it full. */
    QUEUE,
    /** There is no tunnel at the moment. */
    NO_TUNNEL;

    /** As shown: lower case with hyphens. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
