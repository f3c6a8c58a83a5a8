// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;

/** A moment by which something must have happened, measured on the monotonic clock. */
final class Deadline {

    static final Deadline NEVER = after(Duration.ofDays(10_000));

    private final long nanos;

    private Deadline(long nanos) {
        this.nanos = nanos;
    }

    static Deadline after(Duration time) {
        return new Deadline(System.nanoTime() + time.toNanos());
    }

    /** Never negative. */
    long remainingNanos() {
        return Math.max(0, nanos - System.nanoTime());
    }

    boolean isOver() {
        return remainingNanos() == 0;
    }

    /** Bounds the next blocking read of a socket. */
    void bound(Socket socket) throws IOException {
        if (isOver()) {
            throw new SocketTimeoutException("out of time");
        }
        socket.setSoTimeout((int) Math.min(Integer.MAX_VALUE, remainingNanos() / 1_000_000 + 1));
    }
}
