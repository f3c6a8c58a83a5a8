// SPDX-License-Identifier: Apache-2.0
package io.httun.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.faults.Plan.Injection;
import io.httun.faults.Plan.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiPredicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each fault at an init, an r and a w, by itself: whole or visibly reset, and the next connection works. */
@Timeout(120)
class EveryFaultTest {
    private static final int BYTES = 300_000;

    private static World world;

    @BeforeAll
    static void start() throws IOException {
        world = new World();
    }

    @AfterAll
    static void stop() throws IOException {
        try {
            await().atMost(Duration.ofSeconds(50))
                    .until(() -> world.strictTarget().open() == 0);
            assertThat(world.strictTarget().wrong()).as("at the target").isEmpty();
            assertThat(world.lenientTarget().wrong()).as("at the target").isEmpty();
        } finally {
            world.close();
        }
    }

    private static Stream<Arguments> faults(BiPredicate<LineFault, Kind> wanted) {
        return Arrays.stream(LineFault.values())
                .filter(fault -> fault != LineFault.NONE)
                .flatMap(fault -> Arrays.stream(Kind.values())
                        .filter(kind -> wanted.test(fault, kind))
                        .map(kind -> Arguments.of(fault, kind)));
    }

    static Stream<Arguments> everyFault() {
        return faults((fault, kind) -> true);
    }

    @ParameterizedTest
    @MethodSource("everyFault")
    void betweenOurEnds(LineFault fault, Kind kind) throws IOException {
        try (Pair pair = world.oursToOurs()) {
            Outcome outcome = through(pair, fault, kind, true);
            if (kind != Kind.INIT) {
                assertThat(outcome).as("%s", pair).isEqualTo(Outcome.WHOLE);
            }
        }
    }

    static Stream<Arguments> allThatAStockServerSurvives() {
        return faults((fault, kind) -> !fault.isBeyond(kind, false));
    }

    static Stream<Arguments> allThatAStockClientSurvives() {
        return faults((fault, kind) -> !fault.isBeyond(kind, true));
    }

    /** Once, at the {@code nth} request of its kind. */
    private static Plan once(LineFault fault, Kind where, int nth) {
        AtomicInteger count = new AtomicInteger();
        long millis = fault.isLate() ? World.LATE : 200;
        return kind -> kind == where && count.incrementAndGet() == nth
                ? new Injection(fault, millis, nth % 2 == 0)
                : Injection.NONE;
    }

    private static Outcome through(Pair pair, LineFault fault, Kind kind, boolean halfClose) {
        pair.relay().foreign(List.of(new byte[300]));
        pair.relay().plan(once(fault, kind, kind == Kind.INIT ? 1 : 3));
        Order order = world.order(BYTES, BYTES, halfClose);
        Outcome outcome;
        try {
            outcome = pair.transfer(order);
        } catch (Pattern.WrongBytes e) {
            throw new Pattern.WrongBytes(e.getMessage() + ": " + pair);
        }
        if (outcome == Outcome.WHOLE) {
            assertThat(pair.target().outcome(order.id())).isEqualTo(Outcome.WHOLE);
        }
        pair.relay().plan(Plan.NOTHING);
        assertThat(world.works(pair, BYTES, halfClose))
                .as("the next connection, after " + outcome + " " + pair)
                .isTrue();
        return outcome;
    }

    @ParameterizedTest
    @MethodSource("allThatAStockServerSurvives")
    void betweenOursAndAStockServer(LineFault fault, Kind kind) throws IOException {
        try (Pair pair = world.oursToStock()) {
            through(pair, fault, kind, false);
        }
    }

    @ParameterizedTest
    @MethodSource("allThatAStockClientSurvives")
    void betweenAStockClientAndOurs(LineFault fault, Kind kind) throws IOException {
        try (Pair pair = world.stockToOurs()) {
            through(pair, fault, kind, false);
        }
    }
}
