// SPDX-License-Identifier: Apache-2.0
package io.httun.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.faults.Pattern.WrongBytes;
import io.httun.faults.Plan.Injection;
import io.httun.faults.Plan.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiPredicate;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Many transfers side by side under random faults: {@code -Dhttun.faults.seed} and {@code -Dhttun.faults.count} choose which and how
 * many, {@code -Dhttun.faults.pause} the longest pause in milliseconds.
 */
@Timeout(3600)
class RandomFaultsTest {
    private static final long SEED = Long.getLong("httun.faults.seed", System.nanoTime() % 1_000_000);
    private static final int COUNT = Integer.getInteger("httun.faults.count", 10_000);
    private static final int PAUSE = Integer.getInteger("httun.faults.pause", 1500);
    /** 24 pairs at once: 80 pipes on two cores answer inits later than the 1 s that a pair waits. */
    private static final int LANES = Integer.getInteger("httun.faults.lanes", 3);

    private static final int MAX_BYTES = 400_000;
    private static final List<LineFault> FAULTS = Arrays.stream(LineFault.values())
            .filter(fault -> fault != LineFault.NONE)
            .toList();

    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private final AtomicInteger whole = new AtomicInteger();
    private final AtomicInteger reset = new AtomicInteger();
    private final AtomicInteger faults = new AtomicInteger();
    private final AtomicLong transfers = new AtomicLong();

    private interface Maker {
        Pair make() throws IOException;
    }

    @Test
    void everyTransferEndsWholeOrVisiblyResetAndTheNextOneWorks() throws Exception {
        try (World world = new World()) {
            List<Thread> lanes = new ArrayList<>();
            for (int i = 0; i < LANES; i++) {
                // Those of ours get over most faults without the seconds that a new session with a stock end takes.
                for (int j = 0; j < 3; j++) {
                    lanes.add(lane(world, world::oursToOurs, true, RandomFaultsTest::isNoOldInit));
                    lanes.add(lane(world, () -> world.oursToOurs(200), true, RandomFaultsTest::isNoOldInit));
                }
                lanes.add(lane(world, world::oursToStock, false, (fault, kind) -> !fault.isBeyond(kind, false)));
                lanes.add(lane(world, world::stockToOurs, false, (fault, kind) -> !fault.isBeyond(kind, true)));
            }
            for (Thread lane : lanes) {
                lane.start();
            }
            for (Thread lane : lanes) {
                lane.join();
            }
            System.out.println("seed " + SEED + ": " + faults + " faults in " + transfers + " transfers, " + whole
                    + " whole and " + reset + " reset");
            world.strictTarget().wrong().forEach(what -> wrong.add("target: " + what));
            world.ofStockTarget().wrong().forEach(what -> wrong.add("target of a stock client: " + what));
            world.lenientTarget().wrong().forEach(what -> wrong.add("target of a stock server: " + what));
            assertThat(wrong).as("seed " + SEED).isEmpty();
        }
    }

    private Thread lane(World world, Maker maker, boolean halfClose, BiPredicate<LineFault, Kind> allowed) {
        return new Thread(() -> {
            while (faults.get() < COUNT && wrong.size() < 5) {
                long number = transfers.incrementAndGet();
                try (Pair pair = maker.make()) {
                    try {
                        transfer(world, pair, new Random(SEED * 1_000_003 + number), halfClose, allowed);
                    } catch (WrongBytes e) {
                        wrong.add("transfer " + number + ": " + e.getMessage() + ": " + pair);
                    }
                } catch (IOException | ConditionTimeoutException e) {
                    wrong.add("transfer " + number + ": " + e);
                }
            }
        });
    }

    /** Nothing binds the answer of an init to it: who gets an older one has a session whose first frame is refused. */
    private static boolean isNoOldInit(LineFault fault, Kind kind) {
        return kind != Kind.INIT || fault != LineFault.STALE_FRAME;
    }

    private void transfer(
            World world, Pair pair, Random random, boolean halfClose, BiPredicate<LineFault, Kind> allowed) {
        int percent = 2 + random.nextInt(40);
        pair.relay().foreign(List.of(new byte[300]));
        if (random.nextInt(10) == 0) {
            pair.relay().closesIdle(1000);
        }
        if (random.nextInt(10) == 0) {
            pair.relay().oneRequest();
        }
        for (int i = 0; i < 3; i++) {
            pair.relay().plan(kind -> injection(random, kind, allowed, percent));
            Order order = world.order(random.nextInt(MAX_BYTES), random.nextInt(MAX_BYTES), halfClose);
            int before = pair.relay().injected();
            Outcome outcome = pair.transfer(order);
            (outcome == Outcome.WHOLE ? whole : reset).incrementAndGet();
            faults.addAndGet(pair.relay().injected() - before);
            if (outcome == Outcome.WHOLE && pair.target().outcome(order.id()) != Outcome.WHOLE) {
                wrong.add(order + " whole at the client only");
            }
            pair.relay().plan(Plan.NOTHING);
            if (!world.works(pair, 1000, halfClose)) {
                wrong.add("the connection after " + order + ", " + outcome + ": " + pair);
            }
        }
    }

    private static synchronized Injection injection(
            Random random, Kind kind, BiPredicate<LineFault, Kind> allowed, int percent) {
        LineFault fault = FAULTS.get(random.nextInt(FAULTS.size()));
        if (random.nextInt(100) >= percent || !allowed.test(fault, kind)) {
            return Injection.NONE;
        }
        long millis = fault.isLate() ? World.LATE : (long) (100 * Math.pow(PAUSE / 100.0, random.nextDouble()));
        return new Injection(fault, millis, random.nextBoolean());
    }
}
