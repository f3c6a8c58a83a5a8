// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import java.util.concurrent.atomic.LongAdder;

/** What a client, or one session of it, has done; a session's also counts for its client. Thread-safe. */
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

    /** A frame with this much tunnelled payload was acknowledged or is on its way. */
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
