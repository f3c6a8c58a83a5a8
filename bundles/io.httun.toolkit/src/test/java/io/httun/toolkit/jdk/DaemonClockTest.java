// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.jdk;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.Callable;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.Test;

class DaemonClockTest {
    @Test
    void itsThreadHasItsNameAndDoesNotKeepTheProcess() throws Exception {
        ScheduledExecutorService clock = DaemonClock.named("test-clock");
        try {
            Callable<Thread> ask = Thread::currentThread;
            Thread thread = clock.submit(ask).get();
            assertThat(thread.getName()).isEqualTo("test-clock");
            assertThat(thread.isDaemon()).isTrue();
        } finally {
            clock.shutdownNow();
        }
    }
}
