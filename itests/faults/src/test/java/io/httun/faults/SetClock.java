// SPDX-License-Identifier: Apache-2.0
package io.httun.faults;

import static org.awaitility.Awaitility.await;

import io.httun.faults.Plan.Injection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Runs in a JVM of its own, whose time of day libfaketime takes from a file, and sets it while transfers are under way. */
final class SetClock {
    private static final int BYTES = 4 << 20;
    private static final Duration LIMIT = Duration.ofSeconds(90);

    private SetClock() {}

    /** @param arguments the file */
    public static void main(String[] arguments) throws IOException {
        Path file = Path.of(arguments[0]);
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
        try (World world = new World(ChannelRig.USUAL);
                Pair pair = world.oursToOurs(200)) {
            pair.relay().plan(kind -> new Injection(LineFault.PAUSE_BEFORE_REPLY, 20, false));
            for (int hours : new int[] {5, -5, 48, 0}) {
                long before = dayAheadOfTime();
                clock.schedule(() -> Files.writeString(file, "%+dh".formatted(hours)), 100, TimeUnit.MILLISECONDS);
                await().atMost(LIMIT).until(() -> {
                    Outcome outcome = pair.transfer(world.order(BYTES, BYTES, true));
                    if (outcome != Outcome.WHOLE) {
                        throw new IllegalStateException(outcome + " with the clock set by " + hours + " h: " + pair);
                    }
                    return Math.abs(dayAheadOfTime() - before) > TimeUnit.HOURS.toMillis(1);
                });
                System.out.println(hours + " hours: whole");
            }
        } finally {
            clock.shutdown();
        }
    }

    /** Changes only when the clock is set. */
    private static long dayAheadOfTime() {
        return System.currentTimeMillis() - TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }
}
