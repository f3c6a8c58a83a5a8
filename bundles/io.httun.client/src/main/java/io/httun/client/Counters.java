// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import java.util.concurrent.atomic.LongAdder;

/** The traffic counters of a client or of one session; a session also counts for its client. Thread-safe. */
final class Counters {
    final LongAdder requests = new LongAdder();
    final LongAdder framesIn = new LongAdder();
    final LongAdder framesOut = new LongAdder();
    final LongAdder bytesIn = new LongAdder();
    final LongAdder bytesOut = new LongAdder();
    final LongAdder refused = new LongAdder();
    private final Counters whole;

    Counters(Counters whole) {
        this.whole = whole;
    }

    void requested() {
        for (Counters one = this; one != null; one = one.whole) {
            one.requests.increment();
        }
    }

    /** Counts a frame that was acknowledged or is on its way. @param bytes of tunnelled payload */
    void sent(int bytes) {
        for (Counters one = this; one != null; one = one.whole) {
            one.framesOut.increment();
            one.bytesOut.add(bytes);
        }
    }

    void received(int bytes) {
        for (Counters one = this; one != null; one = one.whole) {
            one.framesIn.increment();
            one.bytesIn.add(bytes);
        }
    }
}
