// SPDX-License-Identifier: Apache-2.0
package io.httun.connector;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.Target;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.Ticker;
import java.net.ConnectException;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** RFC 8305 in virtual time. */
class HappyEyeballsTest {
    private static final int DELAY = 250;

    private final MockTicker clock = Ticker.newMockTicker();
    private final EmbeddedChannel loop = EmbeddedChannel.builder().ticker(clock).build();
    private final Map<String, ChannelPromise> attempts = new LinkedHashMap<>();
    private final Promise<List<InetAddress>> rest = loop.eventLoop().newPromise();
    private Future<Channel> winner;

    private static List<InetAddress> addresses(String... literals) {
        return List.of(literals).stream()
                .map(literal -> Target.of(literal, 1).addresses().get(0))
                .toList();
    }

    private ChannelFuture attempt(InetAddress address) {
        EmbeddedChannel channel = EmbeddedChannel.builder().ticker(clock).build();
        attempts.put(NetUtil.toAddressString(address), channel.newPromise());
        return attempts.get(NetUtil.toAddressString(address));
    }

    private void race(String... first) {
        winner = new HappyEyeballs(loop.eventLoop(), this::attempt, DELAY)
                .start(addresses(first), rest, UnaryOperator.identity(), 10);
        pass(0);
    }

    private void pass(int millis) {
        loop.runPendingTasks();
        clock.advance(millis, TimeUnit.MILLISECONDS);
        loop.runScheduledPendingTasks();
        attempts.values().forEach(one -> ((EmbeddedChannel) one.channel()).runPendingTasks());
        loop.runPendingTasks();
    }

    private void comes(String... late) {
        rest.setSuccess(addresses(late));
        pass(0);
    }

    private void fails(String address) {
        attempts.get(address).setFailure(new ConnectException("refused"));
        pass(0);
    }

    @Test
    void alternatesFamiliesFromTheFirstOneOn() {
        assertThat(HappyEyeballs.alternate(addresses("::1", "::2", "::3", "10.0.0.1", "10.0.0.2")))
                .isEqualTo(addresses("::1", "10.0.0.1", "::2", "10.0.0.2", "::3"));
        assertThat(HappyEyeballs.alternate(addresses("10.0.0.1", "10.0.0.2", "::1")))
                .isEqualTo(addresses("10.0.0.1", "::1", "10.0.0.2"));
        assertThat(HappyEyeballs.alternate(addresses("10.0.0.1"))).isEqualTo(addresses("10.0.0.1"));
    }

    @Test
    void triesOneAfterTheOtherUntilOneConnects() {
        rest.setSuccess(List.of());
        race("::1", "::2", "10.0.0.1");
        assertThat(attempts).containsOnlyKeys("::1");
        pass(DELAY - 1);
        assertThat(attempts).hasSize(1);
        pass(1);
        assertThat(attempts).containsOnlyKeys("::1", "10.0.0.1");
        attempts.get("10.0.0.1").setSuccess();
        pass(DELAY);
        assertThat(winner.getNow()).isSameAs(attempts.get("10.0.0.1").channel());
        assertThat(attempts).as("no further attempt").hasSize(2);
        assertThat(attempts.get("::1").channel().isOpen()).isFalse();
    }

    @Test
    void doesNotWaitForTheOtherFamilyAndTriesItWhenItComes() {
        race("::1", "::2");
        assertThat(attempts).containsOnlyKeys("::1");
        pass(100);
        comes("10.0.0.1");
        assertThat(attempts).hasSize(1);
        pass(DELAY - 100);
        assertThat(attempts).as("before the second of the same family").containsOnlyKeys("::1", "10.0.0.1");
        pass(DELAY);
        assertThat(attempts).containsOnlyKeys("::1", "10.0.0.1", "::2");
    }

    @Test
    void whatComesAfterTheDelayIsTriedAtOnce() {
        race("::1");
        pass(2 * DELAY);
        comes("10.0.0.1");
        assertThat(attempts).containsOnlyKeys("::1", "10.0.0.1");
    }

    @Test
    void whatHasFailedWaitsForWhatMayCome() {
        race("::1");
        fails("::1");
        pass(1_000);
        assertThat(winner.isDone()).isFalse();
        comes("10.0.0.1");
        assertThat(attempts).containsOnlyKeys("::1", "10.0.0.1");
        fails("10.0.0.1");
        assertThat(((RefusedException) winner.cause()).refusal()).isEqualTo(Cause.CONNECTION_REFUSED);
    }

    @Test
    void endsWhenNothingComesAnyMore() {
        race("::1");
        fails("::1");
        comes();
        assertThat(winner.cause()).hasMessage("::1: connection refused");
    }

    @Test
    void givesUpWhenTheTimeIsOver() {
        race("::1");
        pass(10_000);
        assertThat(winner.cause()).hasMessage("no answer within 10 s");
        comes("10.0.0.1");
        assertThat(attempts).hasSize(1);
        assertThat(attempts.get("::1").channel().isOpen()).isFalse();
    }
}
