// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import java.util.concurrent.atomic.LongAdder;

/** Counts valid frames and their payload; what a session counts, its channel counts too. */
final class Traffic {
    private final Traffic parent;
    private final LongAdder framesIn = new LongAdder();
    private final LongAdder framesOut = new LongAdder();
    private final LongAdder bytesIn = new LongAdder();
    private final LongAdder bytesOut = new LongAdder();

    /** @param parent null for none */
    Traffic(Traffic parent) {
        this.parent = parent;
    }

    void in(int frames, int bytes) {
        framesIn.add(frames);
        bytesIn.add(bytes);
        if (parent != null) {
            parent.in(frames, bytes);
        }
    }

    void out(int bytes) {
        framesOut.increment();
        bytesOut.add(bytes);
        if (parent != null) {
            parent.out(bytes);
        }
    }

    long framesIn() {
        return framesIn.sum();
    }

    long framesOut() {
        return framesOut.sum();
    }

    long bytesIn() {
        return bytesIn.sum();
    }

    long bytesOut() {
        return bytesOut.sum();
    }
}
