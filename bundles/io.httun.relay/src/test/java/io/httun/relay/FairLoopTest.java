// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FairLoopTest {
    private static final int READ = 128 << 10;

    private final EmbeddedChannel loop = new EmbeddedChannel();
    private final FairLoop fair = new FairLoop(loop.eventLoop());
    private final Map<String, Long> moved = new HashMap<>();
    private final Deque<Runnable> ready = new ArrayDeque<>();

    /** A channel that always has more to read. */
    private final class Busy implements FairLoop.Waiting {
        private final FairLoop.Source source;
        private final String name;

        Busy(String name) {
            this.name = name;
            source = fair.join(name);
            turn();
        }

        private void read() {
            moved.merge(name, (long) READ, Long::sum);
            if (!fair.isOver(source, READ, this)) {
                turn();
            }
        }

        @Override
        public void turn() {
            ready.add(this::read);
        }
    }

    /** Simulates an event loop: each ready channel reads, then scheduled tasks run. */
    private void turns(int count) {
        for (int i = 0; i < count; i++) {
            int channels = ready.size();
            for (int k = 0; k < channels; k++) {
                ready.poll().run();
            }
            loop.runScheduledPendingTasks();
        }
    }

    @Test
    void aSourceWithManyChannelsGetsNoMoreThanOneWithOne() {
        for (int i = 0; i < 1_000; i++) {
            new Busy("noisy");
        }
        new Busy("quiet");
        turns(2);
        moved.clear();
        turns(1_000);
        // The quiet source has one channel that reads once per turn; the noisy source gets only its share of each
        // turn.
        assertThat(moved.get("quiet")).isEqualTo(1_000L * READ);
        assertThat(moved.get("noisy")).isLessThanOrEqualTo(1_000L * FairLoop.SHARE);
    }

    @Test
    void everyChannelOfABusySourceGetsItsTurn() {
        new Busy("quiet");
        for (int i = 0; i < 100; i++) {
            new Busy("noisy");
        }
        turns(200);
        moved.clear();
        turns(100);
        assertThat(moved.get("noisy")).isBetween(99L * FairLoop.SHARE, 100L * FairLoop.SHARE);
    }

    @Test
    void oneSourceAloneIsNotHeldBack() {
        for (int i = 0; i < 100; i++) {
            new Busy("only");
        }
        turns(10);
        assertThat(moved.get("only")).isEqualTo(10L * 100 * READ);
    }

    @Test
    void aSourceStaysUntilItsLastRelayHasLeft() {
        FairLoop.Source source = fair.join("two");
        fair.join("two");
        fair.leave(source);
        assertThat(fair.join("two")).isSameAs(source);
        fair.leave(source);
        fair.leave(source);
        assertThat(fair.join("two")).isNotSameAs(source);
    }

    @Test
    void aNetworkOfIpv6IsOneSource() {
        assertThat(fair.join("2001:db8::1"))
                .isSameAs(fair.join("2001:db8::2"))
                .isNotSameAs(fair.join("2001:db8:0:1::1"));
    }

    @Test
    void aSourceThatHasLeftIsForgotten() {
        FairLoop.Source other = fair.join("other");
        new Busy("only");
        fair.leave(other);
        turns(20);
        assertThat(moved.get("only")).isEqualTo(20L * READ);
    }
}
