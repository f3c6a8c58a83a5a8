// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.httun.api.relay.RelaySettings;
import io.httun.toolkit.config.RelayPolicies;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Rates shared by the connections of a listener or of a user, in virtual time. */
class SharedRatesTest {
    private static final int READ = 131_072;

    private final MockTicker clock = Ticker.newMockTicker();
    private final SharedRates totals = new SharedRates();
    private final Map<RelayPair, String> users = new HashMap<>();
    /** Pairs whose targets send as fast as they are read. */
    private final List<RelayPair> greedy = new ArrayList<>();

    private RelaySettings settings = settings("");

    private static RelaySettings settings(String policy, String... users) {
        return new RelaySettings(
                "home",
                List.of(),
                100,
                RelayPolicies.parse("policy", words(policy)),
                RelayPolicies.parseUsers("policy.users", users));
    }

    private static String[] words(String policy) {
        return Arrays.stream(policy.split(",")).filter(word -> !word.isBlank()).toArray(String[]::new);
    }

    private void under(String policy, String... policyUsers) {
        settings = settings(policy, policyUsers);
        totals.under(settings);
        users.forEach((pair, user) -> pair.relay.under(totals.limits(settings, user)));
    }

    private RelayPair connection(String user) {
        RelayPair pair = new RelayPair(clock);
        users.put(pair, user);
        pair.relay.under(totals.limits(settings, user));
        return pair.start();
    }

    private RelayPair download(String user) {
        RelayPair pair = connection(user);
        greedy.add(pair);
        return pair;
    }

    private void pass(long millis) {
        for (long i = 0; i < millis; i++) {
            greedy.stream()
                    .filter(pair -> pair.target.config().isAutoRead())
                    .forEach(pair -> pair.target.writeInbound(RelayPair.bytes(READ)));
            clock.advance(1, TimeUnit.MILLISECONDS);
            users.keySet().forEach(RelayPair::run);
        }
    }

    private static int got(RelayPair pair) {
        return RelayPair.drain(pair.client);
    }

    @Test
    void connectionsHaveTheSamePartWhateverMomentTheyCameAt() {
        under("total.from=1mb/s");
        RelayPair first = download("");
        pass(19);
        RelayPair second = download("");
        pass(2);
        RelayPair third = download("");
        pass(500);
        got(first);
        got(second);
        got(third);
        for (int i = 0; i < 20; i++) {
            pass(100);
            assertThat(got(first)).isCloseTo(33_333, within(8_000));
            assertThat(got(second)).isCloseTo(33_333, within(8_000));
            assertThat(got(third)).isCloseTo(33_333, within(8_000));
        }
        pass(3_000);
        int one = got(first);
        assertThat(one).isCloseTo(1_000_000, within(20_000));
        assertThat(got(second)).isCloseTo(one, within(20_000));
        assertThat(got(third)).isCloseTo(one, within(20_000));
    }

    @Test
    void whatOneLeavesGoesToTheOthers() {
        under("total.from=1mb/s");
        RelayPair slow = connection("");
        RelayPair fast = download("");
        int slowGot = 0;
        pass(1_000);
        got(fast);
        for (int i = 0; i < 20; i++) {
            slow.target.writeInbound(RelayPair.bytes(5_000));
            pass(50);
            slowGot += got(slow);
        }
        assertThat(slowGot).isEqualTo(100_000);
        assertThat(got(fast)).isCloseTo(900_000, within(20_000));
        fast.client.close();
        greedy.remove(fast);
        pass(100);
        slow.target.writeInbound(RelayPair.bytes(60_000));
        assertThat(got(slow)).as("no other connection has demand").isEqualTo(60_000);
    }

    @Test
    void smallReadsAreNoDisadvantage() {
        under("total.from=2mb/s");
        RelayPair small = connection("");
        RelayPair large = download("");
        for (int i = 0; i < 3_000; i++) {
            if (i == 1_000) {
                got(small);
                got(large);
            }
            while (small.target.config().isAutoRead()) {
                small.target.writeInbound(RelayPair.bytes(2_000));
            }
            pass(1);
        }
        assertThat(got(small)).isCloseTo(2_000_000, within(100_000));
        assertThat(got(large)).isCloseTo(2_000_000, within(100_000));
    }

    @Test
    void aConnectionWhoseClientDoesNotReadLeavesItsPart() {
        under("total.from=1mb/s");
        RelayPair stuck = download("");
        RelayPair fast = download("");
        stuck.client.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
        pass(1_000);
        got(fast);
        pass(1_000);
        assertThat(got(fast)).isCloseTo(1_000_000, within(20_000));
        assertThat(got(stuck)).isLessThan(2 * READ);
    }

    @Test
    void aUserHasATotalOfTheirOwnWithinTheListeners() {
        under("total.from=1mb/s", "ann: total.from=100kb/s", "bob: idle=1h");
        List<RelayPair> anns = List.of(download("ann"), download("ann"));
        RelayPair bobs = download("bob");
        RelayPair nobodys = download("");
        pass(1_000);
        users.keySet().forEach(SharedRatesTest::got);
        pass(5_000);
        assertThat(got(anns.get(0))).isCloseTo(250_000, within(10_000));
        assertThat(got(anns.get(1))).isCloseTo(250_000, within(10_000));
        assertThat(got(bobs)).isCloseTo(2_250_000, within(50_000));
        assertThat(got(nobodys)).isCloseTo(2_250_000, within(50_000));
    }

    @Test
    void theRateOfAConnectionHoldsWithinATotal() {
        under("total.from=1mb/s, rate.from=200kb/s", "ann: idle=1h");
        RelayPair slow = download("");
        RelayPair anns = download("ann");
        pass(1_000);
        got(slow);
        got(anns);
        pass(2_000);
        assertThat(got(slow)).isCloseTo(400_000, within(15_000));
        assertThat(got(anns)).isCloseTo(1_600_000, within(30_000));
    }

    @Test
    void towardsTheTargetItIsAnother() {
        under("total.to=100kb/s");
        RelayPair first = connection("");
        RelayPair second = connection("");
        for (RelayPair pair : List.of(first, second)) {
            pair.target.writeInbound(RelayPair.bytes(1_000_000));
            assertThat(got(pair)).isEqualTo(1_000_000);
            pair.client.writeInbound(RelayPair.bytes(500_000));
        }
        pass(2_000);
        assertThat(RelayPair.drain(first.target) + RelayPair.drain(second.target))
                .isCloseTo(206_000, within(5_000));
    }

    @Test
    void manyConnectionsGetPacketsRatherThanCrumbs() {
        under("total.from=100kb/s");
        List<RelayPair> many = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            many.add(download(""));
        }
        pass(2_000);
        many.forEach(SharedRatesTest::got);
        pass(1_000);
        for (RelayPair pair : many) {
            assertThat(pair.client.outboundMessages().size()).isBetween(5, 15);
            assertThat(got(pair)).isCloseTo(10_000, within(1_500));
        }
    }

    @Test
    void aChangeRulesOpenConnectionsAtOnce() {
        under("total.from=1mb/s");
        RelayPair first = download("ann");
        RelayPair second = download("");
        pass(1_000);
        under("total.from=100kb/s");
        got(first);
        got(second);
        pass(2_000);
        assertThat(got(first)).isCloseTo(100_000, within(5_000));
        assertThat(got(second)).isCloseTo(100_000, within(5_000));
        under("total.from=100kb/s", "ann: total.from=20kb/s");
        pass(100);
        got(first);
        got(second);
        pass(2_000);
        assertThat(got(first)).isCloseTo(40_000, within(3_000));
        assertThat(got(second)).isCloseTo(160_000, within(10_000));
        under("");
        pass(10);
        assertThat(got(first)).isGreaterThan(5 * READ);
        assertThat(got(second)).isGreaterThan(5 * READ);
    }

    @Test
    void aConnectionThatIsCutLeavesItsPartToTheOthers() {
        under("total.from=1mb/s");
        RelayPair first = download("");
        RelayPair second = download("");
        pass(500);
        greedy.remove(first);
        first.target.pipeline().fireExceptionCaught(new IllegalStateException("gone"));
        got(second);
        pass(1_000);
        assertThat(got(second)).isCloseTo(1_000_000, within(70_000));
    }
}
