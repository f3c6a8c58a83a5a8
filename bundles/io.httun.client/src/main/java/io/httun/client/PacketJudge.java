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

/** Asks the configured packet filters, and answers for what they refuse. Thread-safe. */
final class PacketJudge {
    private static final int ERRORS_PER_SECOND = 100;
    private static final Optional<TunDrop> FILTERED = Optional.of(TunDrop.FILTERED);

    private final List<String> filters;
    private final Supplier<PacketAdmission> admission;
    private long second;
    private int errors;

    /** @param admission gives null while there is none */
    PacketJudge(List<String> filters, Supplier<PacketAdmission> admission) {
        this.filters = filters;
        this.admission = admission;
    }

    /** Why a packet that may be anything is not passed on. */
    Optional<TunDrop> judge(byte[] packet, int offset, int length) {
        TunDrop defect = IpPacket.defect(packet, offset, length);
        if (defect != null) {
            return Optional.of(defect);
        }
        return allows(packet, offset, length) ? Optional.empty() : FILTERED;
    }

    boolean allows(byte[] packet, int offset, int length) {
        if (filters.isEmpty()) {
            return true;
        }
        PacketAdmission now = admission.get();
        return now != null && now.admit(filters, packet, offset, length) instanceof Decision.Allow;
    }

    /** What the sender of a refused packet is told; empty where nothing may be, or too much has been. */
    Optional<byte[]> error(byte[] packet, int offset, int length) {
        synchronized (this) {
            long now = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime());
            errors = now == second ? errors + 1 : 1;
            second = now;
            if (errors > ERRORS_PER_SECOND) {
                return Optional.empty();
            }
        }
        return IcmpError.prohibited(packet, offset, length);
    }
}
