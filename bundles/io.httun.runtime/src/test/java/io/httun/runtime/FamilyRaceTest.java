// SPDX-License-Identifier: Apache-2.0
package io.httun.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.target.Resolution;
import io.httun.api.target.Target;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.Ticker;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The delay between the two families, in virtual time. */
class FamilyRaceTest {
    private static final List<InetAddress> SIX = addresses("2001:db8::1");
    private static final List<InetAddress> FOUR = addresses("192.0.2.1", "192.0.2.2");

    private final MockTicker clock = Ticker.newMockTicker();
    private final EmbeddedChannel channel =
            EmbeddedChannel.builder().ticker(clock).build();
    private final EventLoop loop = channel.eventLoop();
    private final Promise<List<InetAddress>> preferred = loop.newPromise();
    private final Promise<List<InetAddress>> other = loop.newPromise();
    private final Future<Resolution> answer = FamilyRace.run(loop, preferred, other, loop);

    private static List<InetAddress> addresses(String... literals) {
        return List.of(literals).stream()
                .map(literal -> Target.of(literal, 1).addresses().get(0))
                .toList();
    }

    private void pass(int millis) {
        channel.runPendingTasks();
        clock.advance(millis, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
        channel.runPendingTasks();
    }

    @Test
    void thePreferredFamilyNeedNotWait() {
        preferred.setSuccess(SIX);
        pass(0);
        assertThat(answer.getNow().first()).isEqualTo(SIX);
        assertThat(answer.getNow().rest().isDone()).isFalse();
        other.setSuccess(FOUR);
        pass(0);
        assertThat(answer.getNow().rest().getNow()).isEqualTo(FOUR);
    }

    @Test
    void theOtherWaitsForAMoment() {
        other.setSuccess(FOUR);
        pass(49);
        assertThat(answer.isDone()).isFalse();
        pass(1);
        assertThat(answer.getNow().first()).isEqualTo(FOUR);
        preferred.setSuccess(SIX);
        pass(0);
        assertThat(answer.getNow().rest().getNow()).isEqualTo(SIX);
    }

    @Test
    void bothComeInOrderWithinThatMoment() {
        other.setSuccess(FOUR);
        pass(30);
        preferred.setSuccess(SIX);
        pass(0);
        assertThat(answer.getNow().first()).containsExactly(SIX.get(0), FOUR.get(0), FOUR.get(1));
        assertThat(answer.getNow().rest().getNow()).isEmpty();
    }

    @Test
    void nothingIsWaitedForThatWillNotCome() {
        other.setSuccess(FOUR);
        pass(10);
        preferred.setFailure(new UnknownHostException("no AAAA"));
        pass(0);
        assertThat(answer.getNow().first()).isEqualTo(FOUR);
        assertThat(answer.getNow().rest().getNow()).isEmpty();
    }

    @Test
    void aFamilyThatFailsLaterAddsNothing() {
        preferred.setSuccess(SIX);
        pass(0);
        other.setFailure(new UnknownHostException("no A"));
        pass(0);
        assertThat(answer.getNow().rest().getNow()).isEmpty();
    }

    @Test
    void withNeitherThereIsNothing() {
        preferred.setFailure(new UnknownHostException("no AAAA"));
        pass(100);
        assertThat(answer.isDone()).isFalse();
        other.setFailure(new UnknownHostException("no A"));
        pass(0);
        assertThat(answer.cause()).hasMessage("no AAAA");
    }
}
