// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.login;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PendingLoginsTest {
    private final PendingLogins pending = new PendingLogins();

    private static EmbeddedChannel channel() {
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.freezeTime();
        return channel;
    }

    private static void pass(EmbeddedChannel channel, int seconds) {
        channel.advanceTimeBy(seconds, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
    }

    private EmbeddedChannel added(int most) {
        EmbeddedChannel channel = channel();
        pending.add(channel, most, channel::close);
        return channel;
    }

    @Test
    void closesAConnectionThatDoesNotLogIn() {
        EmbeddedChannel silent = channel();
        EmbeddedChannel user = channel();
        pending.add(silent, silent::close);
        pending.add(user, user::close);
        pending.remove(user);
        pass(silent, PendingLogins.SECONDS - 1);
        assertThat(silent.isOpen()).isTrue();
        pass(silent, 1);
        pass(user, PendingLogins.SECONDS);
        assertThat(silent.isOpen()).isFalse();
        assertThat(user.isOpen()).isTrue();
    }

    @Test
    void theOldestConnectionWithoutALoginGivesWay() {
        EmbeddedChannel first = added(3);
        EmbeddedChannel second = added(3);
        EmbeddedChannel third = added(3);
        pending.remove(first);
        EmbeddedChannel fourth = added(3);
        assertThat(second.isOpen())
                .as("there is room, because the first has logged in")
                .isTrue();
        EmbeddedChannel fifth = added(3);
        assertThat(second.isOpen()).isFalse();
        fourth.close();
        added(3);
        assertThat(first.isOpen() && third.isOpen() && fifth.isOpen()).isTrue();
    }

    @Test
    void aConnectionCanBeClosedForAUserWhoNeedsItsPlace() {
        EmbeddedChannel first = added(3);
        EmbeddedChannel second = added(3);
        pending.remove(first);
        assertThat(pending.closeOldest()).contains(second);
        assertThat(second.isOpen()).isFalse();
        assertThat(pending.closeOldest()).isEmpty();
        assertThat(first.isOpen()).isTrue();
    }
}
