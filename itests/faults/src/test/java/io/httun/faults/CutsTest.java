// SPDX-License-Identifier: Apache-2.0
package io.httun.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.client.ClientUnderTest;
import io.httun.faults.Plan.Injection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A connection that sends in both directions at once outlives cuts, changes of its client's address, and outages. By hand with
 * {@code -Dhttun.cuts.bytes} for each direction, {@code -Dhttun.cuts.count}, {@code -Dhttun.cuts.moves}, {@code -Dhttun.cuts.outage}
 * in seconds, {@code -Dhttun.faults.seed}, and {@code -Dhttun.faults.hang} longer than the outage, in milliseconds.
 */
@Timeout(3600)
class CutsTest {
    private static final long SEED = Long.getLong("httun.faults.seed", System.nanoTime() % 1_000_000);
    private static final int BYTES = Integer.getInteger("httun.cuts.bytes", 8 << 20);
    private static final int CUTS = Integer.getInteger("httun.cuts.count", 100);
    private static final int MOVES = Integer.getInteger("httun.cuts.moves", 5);
    private static final int OUTAGE = Integer.getInteger("httun.cuts.outage", 3);

    /** Between two cuts, at most; a pipe with nothing but cuts has no time for its data. */
    private static final int MOST_REQUESTS = 10;

    private final Random random = new Random(SEED);
    private final AtomicInteger cuts = new AtomicInteger();
    private int untilCut = MOST_REQUESTS;

    /** At random requests: cuts, of which some move the client, and an outage in the middle. */
    private synchronized Injection next(Pair pair) {
        if (cuts.get() < CUTS && --untilCut <= 0) {
            untilCut = 1 + random.nextInt(MOST_REQUESTS);
            int cut = cuts.incrementAndGet();
            int percent = 1 + random.nextInt(100);
            FaultyRelay.start(() -> cut(pair.relay(), cut, percent));
        }
        return new Injection(LineFault.PAUSE_BEFORE_REPLY, random.nextInt(10), false);
    }

    private void cut(FaultyRelay relay, int number, int percent) {
        try {
            if (number == CUTS / 2) {
                relay.unreachable(true);
                relay.pause(TimeUnit.SECONDS.toMillis(OUTAGE));
                relay.unreachable(false);
            } else if (number % Math.max(1, CUTS / MOVES) == 0) {
                relay.source(address(2 + number % 250));
            } else {
                relay.cutSome(new Random(SEED + number), percent);
            }
        } catch (IOException e) {
            // The test is over.
            relay.isUnreachable();
        }
    }

    private static InetAddress address(int last) throws UnknownHostException {
        return InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) last});
    }

    @Test
    void nothingIsLostOrReset() throws IOException {
        long patience = TimeUnit.SECONDS.toMillis(Math.max(60, 10L * OUTAGE));
        ClientUnderTest.Limits limits = new ClientUnderTest.Limits(
                ChannelRig.USUAL.write(), ChannelRig.USUAL.read(), patience, ChannelRig.USUAL.stockRead());
        int transfers = 0;
        try (World world = new World(limits);
                Pair pair = world.oursToOurs()) {
            pair.relay().plan(kind -> next(pair));
            while (cuts.get() < CUTS) {
                transfers++;
                assertThat(pair.transfer(world.order(BYTES, BYTES, true)))
                        .as("seed %s, transfer %s after %s cuts: %s", SEED, transfers, cuts, pair)
                        .isEqualTo(Outcome.WHOLE);
            }
            assertThat(world.strictTarget().wrong()).as("seed %s", SEED).isEmpty();
        }
        System.out.println("seed " + SEED + ": " + transfers + " transfers outlived " + cuts + " cuts");
    }
}
