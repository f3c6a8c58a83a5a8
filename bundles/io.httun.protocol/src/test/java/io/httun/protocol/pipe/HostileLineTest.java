// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol.pipe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Both ends on a line that loses, delays, reorders, repeats and falls silent: no byte is lost, changed or doubled, no transfer
 * stalls, and no bound is exceeded, while what runs in the pipe is replaced at either end at any time. {@code -Dpipe.runs=100000} runs more seeds, {@code -Dpipe.seed=N} one.
 */
class HostileLineTest {
    private static final class HostilePipe extends SimulatedPipe {
        private final double loss;
        private final double repeats;
        private final boolean told;
        private final int largestWrite;
        private final long timeout;
        private final long faultsUntil;
        private long silentFrom;
        private long silentUntil;

        HostilePipe(SplittableRandom random, SimulatedLine line, PipeLimits limits) {
            super(random, line, limits);
            loss = random.nextInt(3) == 0 ? 0 : random.nextDouble() * random.nextDouble();
            repeats = random.nextInt(2) == 0 ? 0 : random.nextDouble() * 0.5;
            told = random.nextBoolean();
            largestWrite = 1 << random.nextInt(1, 18);
            timeout = random.nextLong(6 * SECOND, 20 * SECOND);
            long most = 40L * largestWrite + 1000;
            toWrite[UP] = random.nextLong(Math.min(most, 1 << 20));
            toWrite[DOWN] = random.nextLong(Math.min(most, 1 << 20));
            long length = random.nextLong(60 * SECOND);
            long silence = 0;
            if (random.nextInt(3) == 0) {
                silence = random.nextBoolean() ? 60 * SECOND : 540 * SECOND;
                silentFrom = line.now() + random.nextLong(length);
                silentUntil = silentFrom + silence;
                if (random.nextBoolean()) {
                    line.at(silentUntil, () -> {
                        client.lineChanged(line.now());
                        pumpClient();
                    });
                }
            }
            faultsUntil = line.now() + length + silence;
            for (int i = random.nextInt(4); i > 0; i--) {
                line.after(random.nextLong(length), this::cutAll);
            }
            for (int i = random.nextInt(3); i > 0; i--) {
                int way = random.nextInt(2);
                line.after(random.nextLong(length), () -> readerStopped[way] = true);
            }
            for (int i = Math.max(0, random.nextInt(5) - 2); i > 0; i--) {
                int end = random.nextInt(2);
                line.after(random.nextLong(length), () -> beginAnew(end));
            }
            line.at(faultsUntil, () -> {
                readerStopped[UP] = false;
                readerStopped[DOWN] = false;
                pumpServer();
                pumpClient();
            });
            if (random.nextInt(3) == 0) {
                int writes = random.nextInt(1, 4);
                int reads = random.nextInt(1, 4);
                line.after(random.nextLong(length), () -> client.exchanges(writes, reads));
            }
        }

        private boolean isHostile() {
            return line.now() - faultsUntil < 0;
        }

        @Override
        Fate fate(PipeExchange exchange) {
            if (silentUntil != 0 && line.now() - silentFrom >= 0 && line.now() - silentUntil < 0) {
                return random.nextBoolean() ? Fate.REQUEST_VANISHED : Fate.REQUEST_LOST;
            }
            Fate[] all = Fate.values();
            return isHostile() && random.nextDouble() < loss ? all[random.nextInt(1, all.length)] : Fate.DELIVERED;
        }

        @Override
        long timeout() {
            return timeout;
        }

        @Override
        int writeSize(int way) {
            return random.nextInt(1, largestWrite + 1);
        }

        @Override
        boolean isRepeated() {
            return isHostile() && random.nextDouble() < repeats;
        }

        @Override
        boolean isUndeliveredTold() {
            return told && random.nextBoolean();
        }

        long deadline() {
            return faultsUntil + 120 * SECOND;
        }
    }

    @Test
    void losesChangesAndDoublesNothing() {
        Long seed = Long.getLong("pipe.seed");
        long first = seed == null ? 0 : seed;
        long runs = seed == null ? Long.getLong("pipe.runs", 2_000) : 1;
        for (long i = first; i < first + runs; i++) {
            try {
                run(i);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("-Dpipe.seed=" + i + ": " + e.getMessage(), e);
            }
        }
        assertThat(runs).isPositive();
    }

    private static void run(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double rate = 50_000 * Math.pow(10, random.nextDouble() * 5);
        long delay = (long) (50_000 * Math.pow(10, random.nextDouble() * 3.5));
        long jitter = random.nextInt(3) == 0 ? 0 : (long) (delay * random.nextDouble() * 3);
        SimulatedLine line = new SimulatedLine(random, rate, delay, jitter, random.nextLong(1 << 30));
        PipeLimits limits = new PipeLimits(
                random.nextBoolean() ? PipeLimits.MAX_EXCHANGES : random.nextInt(2, 9), 1 << random.nextInt(17, 25));
        HostilePipe pipe = new HostilePipe(random, line, limits);
        pipe.run(pipe.deadline());
        pipe.close();
    }
}
