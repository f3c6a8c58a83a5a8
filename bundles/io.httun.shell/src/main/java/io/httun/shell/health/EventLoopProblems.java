// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.health;

import io.httun.api.status.HealthSource;
import io.httun.api.status.Problem;
import io.httun.api.tunnel.EventLoops;
import io.httun.toolkit.status.Services;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Event loops that run no task: all connections on them hang. */
public final class EventLoopProblems implements HealthSource {
    /** Longer than any pause of a garbage collector of 2026, shorter than the time-out of monitors. */
    private static final long PATIENCE_MILLIS = 5_000;

    private final Services services;
    private final long patienceMillis;

    public EventLoopProblems(Services services) {
        this(services, PATIENCE_MILLIS);
    }

    EventLoopProblems(Services services, long patienceMillis) {
        this.services = services;
        this.patienceMillis = patienceMillis;
    }

    @Override
    public List<Problem> problems() {
        return services.first(EventLoops.class).map(this::stuck).orElse(List.of());
    }

    private List<Problem> stuck(EventLoops loops) {
        List<CountDownLatch> answers = new ArrayList<>();
        loops.group().forEach(loop -> {
            CountDownLatch answer = new CountDownLatch(1);
            answers.add(answer);
            loop.execute(answer::countDown);
        });
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patienceMillis);
        long silent =
                answers.stream().filter(answer -> !answers(answer, deadline)).count();
        return silent == 0
                ? List.of()
                : List.of(new Problem(
                        "event loops",
                        silent + " of " + answers.size() + " have run nothing for " + patienceMillis + " ms",
                        "make a thread dump (jcmd PID Thread.print) for a report, then restart the process"));
    }

    private static boolean answers(CountDownLatch answer, long deadline) {
        try {
            return answer.await(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }
}
