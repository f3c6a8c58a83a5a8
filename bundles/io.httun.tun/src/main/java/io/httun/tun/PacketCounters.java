// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import io.httun.api.tun.TunDrop;
import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;

/** Counters of forwarded and dropped packets. They survive a reopening of the device. */
final class PacketCounters {
    final LongAdder packetsIn = new LongAdder();
    final LongAdder bytesIn = new LongAdder();
    final LongAdder packetsOut = new LongAdder();
    final LongAdder bytesOut = new LongAdder();
    private final LongAdder[] drops =
            Arrays.stream(TunDrop.values()).map(cause -> new LongAdder()).toArray(LongAdder[]::new);

    void drop(TunDrop cause, int packets) {
        drops[cause.ordinal()].add(packets);
    }

    long dropped(TunDrop cause) {
        return drops[cause.ordinal()].sum();
    }

    /** Such as {@code no-peer=3 queue=1}. */
    String drops() {
        return Arrays.stream(TunDrop.values())
                .filter(cause -> dropped(cause) > 0)
                .map(cause -> cause + "=" + dropped(cause))
                .collect(Collectors.joining(" "));
    }
}
