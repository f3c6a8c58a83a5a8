// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol.pipe;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.ResourceLeakDetector;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** How well the ends use lines without faults, in virtual time. */
class QuietLineTest {
    private static final long MILLI = SimulatedPipe.MILLI;
    private static final long SECOND = SimulatedPipe.SECOND;
    private static final double MIB = 1 << 20;
    private static final int UP = SimulatedPipe.UP;
    private static final int DOWN = SimulatedPipe.DOWN;

    private static final ResourceLeakDetector.Level LEVEL = ResourceLeakDetector.getLevel();

    private final SplittableRandom random = new SplittableRandom(1);

    /** Gigabytes pass here, of which the detector would note each access; {@link HostileLineTest} has it on. */
    @BeforeAll
    static void detectNoLeaks() {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
    }

    @AfterAll
    static void detectLeaks() {
        ResourceLeakDetector.setLevel(LEVEL);
    }

    private SimulatedLine line(double bytesPerSecond, long delay) {
        return new SimulatedLine(random, bytesPerSecond, delay, 0, 0);
    }

    /** Bytes of data per second, measured for so long after the first second. */
    private static double rate(SimulatedPipe pipe, int way, long warmUp, long length) {
        run(pipe, warmUp);
        long before = pipe.read[way];
        run(pipe, length);
        return (pipe.read[way] - before) * 1e9 / length;
    }

    private static void run(SimulatedPipe pipe, long length) {
        long until = pipe.line.now() + length;
        boolean[] over = {false};
        pipe.line.at(until, () -> over[0] = true);
        pipe.pumpClient();
        pipe.pumpServer();
        while (!over[0]) {
            pipe.require(pipe.line.step(), "nothing happens any more: " + pipe);
        }
    }

    @Test
    void fillsALongFastLine() {
        for (int way : new int[] {UP, DOWN}) {
            SimulatedPipe pipe = new SimulatedPipe(random, line(400 * MIB, 20 * MILLI), PipeLimits.DEFAULT) {
                @Override
                int writeSize(int direction) {
                    return 256 << 10;
                }
            };
            pipe.toWrite[way] = 1L << 40;
            double rate = rate(pipe, way, SECOND, SECOND) / MIB;
            assertThat(rate).isGreaterThan(330);
            pipe.close();
        }
    }

    @Test
    void fillsAVeryLongLine() {
        for (int way : new int[] {UP, DOWN}) {
            SimulatedPipe pipe = new SimulatedPipe(random, line(100 * MIB, 100 * MILLI), PipeLimits.DEFAULT) {
                @Override
                int writeSize(int direction) {
                    return 256 << 10;
                }
            };
            pipe.toWrite[way] = 1L << 40;
            double rate = rate(pipe, way, 4 * SECOND, SECOND) / MIB;
            assertThat(rate).isGreaterThan(72);
            pipe.close();
        }
    }

    @Test
    void fewRequestsFillALongLineToo() {
        for (int exchanges : new int[] {1, 2, 4, 16}) {
            for (int way : new int[] {UP, DOWN}) {
                SimulatedPipe pipe = new SimulatedPipe(random, line(20 * MIB, 100 * MILLI), PipeLimits.DEFAULT) {
                    @Override
                    int writeSize(int direction) {
                        return 256 << 10;
                    }
                };
                pipe.client.exchanges(exchanges, exchanges);
                pipe.toWrite[way] = 1L << 40;
                double rate = rate(pipe, way, 10 * SECOND, 5 * SECOND) / MIB;
                // A body has 1 MiB at most.
                double most = Math.min(20, exchanges / 0.2 / 2);
                assertThat(rate).as("way %s with %s requests", way, exchanges).isGreaterThan(most * 0.7);
                pipe.close();
            }
        }
    }

    /** Bulk in both directions, and one byte there and back beside it, as HTTP/2 would interleave them. */
    private static final class Beside extends SimulatedPipe {
        final List<Long> took = new ArrayList<>();
        private long pingEnds = -1;
        private long pongEnds = -1;
        private long began;

        Beside(SplittableRandom random, SimulatedLine line) {
            super(random, line, PipeLimits.DEFAULT);
        }

        void ping() {
            began = line.now();
            write(UP, 1);
            pingEnds = written[UP];
            pumpClient();
        }

        @Override
        void arrived(int way, long from, long to) {
            if (way == UP && pingEnds >= 0 && to >= pingEnds) {
                pingEnds = -1;
                write(DOWN, 1);
                pongEnds = written[DOWN];
            } else if (way == DOWN && pongEnds >= 0 && to >= pongEnds) {
                pongEnds = -1;
                took.add(line.now() - began);
                line.after(random.nextLong(200 * MILLI), this::ping);
            }
        }

        long percentile(int percent) {
            Collections.sort(took);
            return took.get(took.size() * percent / 100) / MILLI;
        }
    }

    @Test
    void keystrokesDoNotWaitBehindBulkOnASlowLine() {
        double bytesPerSecond = 10e6 / 8;
        Beside pipe = new Beside(random, line(bytesPerSecond, 20 * MILLI));
        // Before the bulk, some small exchanges, as HTTP/2 has when it begins.
        pipe.ping();
        run(pipe, SECOND);
        pipe.toWrite[UP] = 1L << 40;
        pipe.toWrite[DOWN] = 1L << 40;
        run(pipe, 5 * SECOND);
        pipe.took.clear();
        long up = pipe.read[UP];
        long down = pipe.read[DOWN];
        run(pipe, 30 * SECOND);
        double upShare = (pipe.read[UP] - up) / 30 / bytesPerSecond;
        double downShare = (pipe.read[DOWN] - down) / 30 / bytesPerSecond;
        // To reach: 90 and 200 ms, with 90 % of the line in both directions.
        assertThat(pipe.percentile(50)).isLessThan(200);
        assertThat(pipe.percentile(99)).isLessThan(300);
        assertThat(upShare + downShare).isGreaterThan(1.2);
        pipe.close();
    }

    @Test
    void afterACutBytesFlowWithinTwoRoundTrips() {
        for (int way : new int[] {UP, DOWN}) {
            SimulatedPipe pipe = new SimulatedPipe(random, line(10 * MIB, 20 * MILLI), PipeLimits.DEFAULT);
            pipe.toWrite[way] = 1L << 40;
            run(pipe, 2 * SECOND);
            pipe.longestStall = 0;
            for (int i = 0; i < 10; i++) {
                pipe.cutAll();
                run(pipe, SECOND);
            }
            assertThat(pipe.longestStall).isLessThanOrEqualTo(2 * 40 * MILLI + 100 * MILLI);
            pipe.close();
        }
    }

    /** The reader reads after the next request has left, so that each request acknowledges less than it has. */
    private static void readEach(SimulatedPipe pipe, long pause) {
        pipe.readerStopped[DOWN] = false;
        pipe.pumpClient();
        pipe.readerStopped[DOWN] = true;
        if (pipe.toWrite[DOWN] > 0) {
            pipe.line.after(pause, () -> readEach(pipe, pause));
        }
    }

    @Test
    void aReaderThatLagsBehindItsRequestsNeverWaitsForOneToExpire() {
        for (int exchanges : new int[] {1, 2, 16}) {
            SimulatedPipe pipe = new SimulatedPipe(random, line(200 * MIB, MILLI / 10), PipeLimits.DEFAULT);
            pipe.client.exchanges(exchanges, exchanges);
            pipe.toWrite[DOWN] = 1L << 40;
            readEach(pipe, 3 * MILLI);
            run(pipe, 5 * SECOND);
            assertThat(pipe.longestStall).as("with %s requests", exchanges).isLessThan(SECOND / 2);
            assertThat(pipe.read[DOWN]).isGreaterThan(10 << 20);
            pipe.toWrite[DOWN] = 0;
            pipe.close();
        }
    }

    @Test
    void keepsFewRequestsWaitingWhenThereIsNoData() {
        SimulatedPipe pipe = new SimulatedPipe(random, line(10 * MIB, 20 * MILLI), PipeLimits.DEFAULT);
        pipe.toWrite[DOWN] = 20 << 20;
        run(pipe, 5 * SECOND);
        assertThat(pipe.isDone()).isTrue();
        run(pipe, 20 * SECOND);
        assertThat(pipe.client.readsInFlight()).isEqualTo(2);
        run(pipe, 30 * SECOND);
        assertThat(pipe.client.readsInFlight()).isEqualTo(1);
        pipe.close();
    }
}
