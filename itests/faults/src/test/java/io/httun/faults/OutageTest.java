// SPDX-License-Identifier: Apache-2.0
package io.httun.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.faults.Plan.Injection;
import io.httun.faults.Plan.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is away for a while, or comes back as another, in the middle of a transfer; and proxies with habits. */
@Timeout(120)
class OutageTest {
    private static final int BYTES = 4 << 20;

    private static World world;

    @BeforeAll
    static void start() throws IOException {
        world = new World();
    }

    @AfterAll
    static void stop() throws IOException {
        try {
            // A client that gave up while the server was away could not say so.
            world.endSessions();
            await().atMost(Duration.ofSeconds(50))
                    .until(() -> world.strictTarget().open() == 0);
            assertThat(world.strictTarget().wrong()).isEmpty();
        } finally {
            world.close();
        }
    }

    /** Slow enough to be met on the way. */
    private static Plan at(int request, Runnable event) {
        AtomicInteger count = new AtomicInteger();
        return kind -> {
            if (kind != Kind.INIT && count.incrementAndGet() == request) {
                FaultyRelay.start(event);
            }
            return new Injection(LineFault.PAUSE_BEFORE_REPLY, 20, false);
        };
    }

    private static Outcome during(Pair pair, Runnable event) {
        return during(pair, event, () -> true);
    }

    /** @param over whether the next connection may be expected to work */
    private static Outcome during(Pair pair, Runnable event, Callable<Boolean> over) {
        pair.relay().plan(at(10, event));
        Order order = world.order(BYTES, BYTES, true);
        Outcome outcome = pair.transfer(order);
        pair.relay().plan(Plan.NOTHING);
        await().until(over);
        assertThat(pair.transfer(world.order(10_000, 10_000, true)))
                .as("the next connection, " + pair)
                .isEqualTo(Outcome.WHOLE);
        return outcome;
    }

    private static void away(Pair pair, long millis) {
        pair.relay().unreachable(true);
        world.rig()
                .loops()
                .group()
                .next()
                .schedule(() -> pair.relay().unreachable(false), millis, TimeUnit.MILLISECONDS);
    }

    @Test
    void aShortTimeAwayCostsNothing() throws IOException {
        try (Pair pair = world.oursToOurs()) {
            assertThat(during(pair, () -> away(pair, World.LIMITS.patience() / 2)))
                    .isEqualTo(Outcome.WHOLE);
        }
    }

    @Test
    void aLongTimeAwayResetsWhatWasOpen() throws IOException {
        try (Pair pair = world.oursToOurs()) {
            assertThat(during(pair, () -> away(pair, World.LIMITS.patience() + 1000), () -> !pair.relay()
                            .isUnreachable()))
                    .isEqualTo(Outcome.RESET);
        }
    }

    @Test
    void aServerThatStartsAnewResetsWhatWasOpen() throws IOException {
        OurServer second = world.another();
        try (second;
                Pair pair = world.oursToOurs()) {
            assertThat(during(pair, () -> {
                        pair.relay().server(second.address());
                        pair.relay().unreachable(true);
                        pair.relay().unreachable(false);
                    }))
                    .isEqualTo(Outcome.RESET);
        }
    }

    /** It has the key's secret, and would take what comes next for a connection's first bytes. */
    @Test
    void aServerThatStartsAnewWhileTheKeyChangesResetsWhatWasOpen() throws IOException {
        OurServer second = world.another();
        try (second;
                Pair pair = world.oursToOurs(200)) {
            AtomicInteger data = new AtomicInteger();
            AtomicInteger inits = new AtomicInteger();
            pair.relay().plan(kind -> {
                boolean changing = (kind == Kind.W ? data.incrementAndGet() : data.get()) > 5;
                if (changing && kind == Kind.INIT && inits.incrementAndGet() <= 6) {
                    pair.relay().server(second.address());
                    pair.relay().unreachable(true);
                    pair.relay().unreachable(false);
                    return new Injection(LineFault.CUT_BEFORE_REQUEST, 0, true);
                }
                return Injection.NONE;
            });
            assertThat(pair.transfer(world.order(8 * BYTES, BYTES, true))).isEqualTo(Outcome.RESET);
            assertThat(inits).hasPositiveValue();
            assertThat(pair.transfer(world.order(10_000, 10_000, true))).isEqualTo(Outcome.WHOLE);
        }
    }

    @Test
    void aStockServerThatIsAwayResetsWhatWasOpen() throws IOException {
        try (Pair pair = world.oursToStock()) {
            pair.relay().plan(at(10, () -> {
                pair.relay().unreachable(true);
                pair.relay().unreachable(false);
            }));
            assertThat(pair.transfer(world.order(BYTES, BYTES, false))).isEqualTo(Outcome.RESET);
            pair.relay().plan(Plan.NOTHING);
            assertThat(pair.transfer(world.order(10_000, 10_000, false))).isEqualTo(Outcome.WHOLE);
        }
    }

    @Test
    void anotherAddressBehindTheServersNameCostsNothing() throws IOException {
        try (World.Named pair = world.named()) {
            InetAddress there = InetAddress.getByAddress(new byte[] {127, 0, 0, 2});
            FaultyRelay moved = pair.relay().twin(there);
            try (moved) {
                assertThat(during(pair, () -> {
                            pair.name(there);
                            pair.relay().unreachable(true);
                        }))
                        .isEqualTo(Outcome.WHOLE);
            }
        }
    }

    @Test
    void aProxyThatClosesIdleConnections() throws IOException {
        try (Pair pair = world.oursToOurs()) {
            pair.relay().closesIdle(300);
            assertThat(pair.transfer(world.order(BYTES, BYTES, true)))
                    .as("%s", pair)
                    .isEqualTo(Outcome.WHOLE);
        }
    }

    @Test
    void oneRequestAConnection() throws IOException {
        try (Pair pair = world.oursToOurs();
                Pair stock = world.oursToStock()) {
            pair.relay().oneRequest();
            assertThat(pair.transfer(world.order(BYTES, BYTES, true))).isEqualTo(Outcome.WHOLE);
            stock.relay().oneRequest();
            assertThat(stock.transfer(world.order(100_000, BYTES, false))).isEqualTo(Outcome.WHOLE);
        }
    }
}
