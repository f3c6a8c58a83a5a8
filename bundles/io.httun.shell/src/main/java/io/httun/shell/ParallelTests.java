// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.tunnel.ChannelTester;
import io.httun.api.tunnel.ChannelTester.Progress;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Parallel tests of one channel, counted together. */
final class ParallelTests {
    private final List<Future<Void>> tests = new ArrayList<>();
    private Duration elapsed = Duration.ZERO;
    private Duration roundTrips = Duration.ZERO;
    private long exchanges;
    private long bytesToServer;
    private long bytesFromServer;

    static ParallelTests start(ChannelTester tester, Duration period, long count, long parallel) {
        ParallelTests run = new ParallelTests();
        for (long i = 0; i < parallel; i++) {
            Progress[] last = {new Progress(0, Duration.ZERO, 0, 0, Duration.ZERO)};
            run.tests.add(tester.test(period, count, now -> {
                run.add(last[0], now);
                last[0] = now;
            }));
        }
        return run;
    }

    private synchronized void add(Progress before, Progress now) {
        exchanges += now.exchanges() - before.exchanges();
        bytesToServer += now.bytesToServer() - before.bytesToServer();
        bytesFromServer += now.bytesFromServer() - before.bytesFromServer();
        roundTrips = roundTrips.plus(now.roundTrip());
        if (now.elapsed().compareTo(elapsed) > 0) {
            elapsed = now.elapsed();
        }
    }

    /** Sum of all tests; also its round trip is a sum. */
    synchronized Progress progress() {
        return new Progress(exchanges, roundTrips, bytesToServer, bytesFromServer, elapsed);
    }

    /** @return whether all have ended, or one has failed */
    boolean await(Duration time) throws InterruptedException {
        long deadline = System.nanoTime() + time.toNanos();
        for (Future<Void> test : tests) {
            if (!test.await(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS)) {
                return failure().isPresent();
            }
        }
        return true;
    }

    /** The failure of a test that was not cancelled. */
    Optional<Throwable> failure() {
        return tests.stream()
                .filter(test -> test.isDone() && !test.isSuccess() && !test.isCancelled())
                .map(Future::cause)
                .findFirst();
    }

    void cancel() {
        tests.forEach(test -> test.cancel(true));
    }
}
