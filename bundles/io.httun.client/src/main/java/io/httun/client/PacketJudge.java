// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.target.Decision;
import io.httun.api.tun.PacketAdmission;
import io.httun.api.tun.TunDrop;
import io.httun.protocol.IcmpError;
import io.httun.protocol.IpPacket;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Asks the configured packet filters, and makes ICMP errors for refused packets. Thread-safe. */
final class PacketJudge {
    private static final int ERRORS_PER_SECOND = 100;
    private static final Optional<TunDrop> FILTERED = Optional.of(TunDrop.FILTERED);
    private static final Optional<TunDrop> TOO_BIG = Optional.of(TunDrop.TOO_BIG);

    private final List<String> filters;
    private final Supplier<PacketAdmission> admission;
    private long second;
    private int errors;

    /** @param admission gives null while there is none */
    PacketJudge(List<String> filters, Supplier<PacketAdmission> admission) {
        this.filters = filters;
        this.admission = admission;
    }

    /**
     * Returns why an unchecked packet is dropped; empty if it passes.
     *
     * @param mtu of the destination device
     */
    Optional<TunDrop> judge(byte[] packet, int offset, int length, int mtu) {
        TunDrop defect = IpPacket.defect(packet, offset, length);
        if (defect != null) {
            return Optional.of(defect);
        } else if (!allows(packet, offset, length)) {
            return FILTERED;
        }
        return IpPacket.passes(packet, offset, length, mtu) ? Optional.empty() : TOO_BIG;
    }

    boolean allows(byte[] packet, int offset, int length) {
        if (filters.isEmpty()) {
            return true;
        }
        PacketAdmission now = admission.get();
        return now != null && now.admit(filters, packet, offset, length) instanceof Decision.Allow;
    }

    /** Returns the ICMP error for a filtered packet; empty if none is allowed or the rate limit is reached. */
    Optional<byte[]> prohibited(byte[] packet, int offset, int length) {
        return mayTell() ? IcmpError.prohibited(packet, offset, length) : Optional.empty();
    }

    /** Returns the ICMP error for a packet above the MTU; empty as in {@link #prohibited}. */
    Optional<byte[]> tooBig(byte[] packet, int offset, int length, int mtu) {
        return mayTell() ? IcmpError.tooBig(packet, offset, length, mtu) : Optional.empty();
    }

    private synchronized boolean mayTell() {
        long now = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime());
        errors = now == second ? errors + 1 : 1;
        second = now;
        return errors <= ERRORS_PER_SECOND;
    }
}
