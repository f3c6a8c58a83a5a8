// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.Ticker;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A reply that leaves slowly before the end of its request. */
class UploadTailTest {
    private final MockTicker clock = Ticker.newMockTicker();
    private final EmbeddedChannel client =
            EmbeddedChannel.builder().ticker(clock).build();
    private final Promise<Void> written = client.eventLoop().newPromise();
    private final UploadTail tail = new UploadTail(client, written);

    @Test
    void theLimitsBeginBehindTheReply() {
        pass(60);
        assertThat(client.isOpen()).isTrue();
        written.setSuccess(null);
        pass(LingeringClose.IDLE_SECONDS - 1);
        tail.moved();
        pass(LingeringClose.IDLE_SECONDS - 1);
        assertThat(client.isOpen()).isTrue();
        pass(1);
        assertThat(client.isOpen()).isFalse();
    }

    @Test
    void theEndOfTheRequestWaitsForTheReply() {
        tail.end();
        pass(60);
        assertThat(client.isOpen()).isTrue();
        written.setSuccess(null);
        assertThat(client.isOpen()).isFalse();
    }

    private void pass(int seconds) {
        clock.advance(seconds, TimeUnit.SECONDS);
        client.runScheduledPendingTasks();
    }
}
