// SPDX-License-Identifier: Apache-2.0
package io.httun.api.status;

/**
 * A TUN device. "In" is what the kernel sent into the tunnel, "out" what it got from there.
 *
 * @param name as configured
 * @param device name of the interface
 * @param state {@code up}, {@code unused} or {@code failed}
 * @param mtu in bytes
 * @param addresses that the interface has, separated by spaces
 * @param user the channel or client that uses it; empty where none does
 * @param packetsIn IP packets
 * @param packetsOut IP packets
 * @param bytesIn of these packets, in bytes
 * @param bytesOut of these packets, in bytes
 * @param drops dropped packets by cause, such as {@code no-peer=3}, separated by spaces; see {@link io.httun.api.tun.TunDrop}
 * @param problem empty while it works
 */
public record TunStatus(
        String name,
        String device,
        String state,
        int mtu,
        String addresses,
        String user,
        long packetsIn,
        long packetsOut,
        long bytesIn,
        long bytesOut,
        String drops,
        String problem) {}
