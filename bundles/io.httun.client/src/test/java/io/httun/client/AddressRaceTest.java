// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AddressRaceTest {
    private final EmbeddedChannel first = new EmbeddedChannel();
    private final List<ChannelPromise> attempts = new ArrayList<>();

    private Future<Channel> race(int addresses) {
        first.freezeTime();
        List<InetAddress> all = new ArrayList<>();
        for (int i = 0; i < addresses; i++) {
            all.add(InetAddress.getLoopbackAddress());
        }
        Future<Channel> winner = AddressRace.run(first.eventLoop(), all, this::connect, () -> false);
        first.runPendingTasks();
        return winner;
    }

    private ChannelFuture connect(InetAddress address) {
        ChannelPromise attempt = first.newPromise();
        attempts.add(attempt);
        return attempt;
    }

    private void pass(long millis) {
        first.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
        first.runScheduledPendingTasks();
        first.runPendingTasks();
    }

    @Test
    void aSilentAddressDelaysTheNextOneOnlyShortly() {
        Future<Channel> winner = race(3);
        assertThat(attempts).hasSize(1);
        pass(249);
        assertThat(attempts).hasSize(1);
        pass(1);
        assertThat(attempts).hasSize(2);
        attempts.get(1).setSuccess();
        first.runPendingTasks();
        assertThat(winner.isSuccess()).isTrue();
        assertThat(attempts.get(0).isCancelled()).as("the slow one is given up").isTrue();
        pass(1000);
        assertThat(attempts).as("no more are begun").hasSize(2);
    }

    @Test
    void aFailureStartsTheNextOneAtOnceAndTheLastOneIsTold() {
        Future<Channel> winner = race(2);
        attempts.get(0).setFailure(new IOException("no route"));
        first.runPendingTasks();
        assertThat(attempts).hasSize(2);
        attempts.get(1).setFailure(new IOException("refused"));
        first.runPendingTasks();
        assertThat(winner.cause()).hasMessage("refused");
    }

    @Test
    void aNameWithoutAddressFails() {
        assertThat(race(0).cause()).hasMessage("the name has no address");
    }
}
