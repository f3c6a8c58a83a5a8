// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.httun.api.HttunException;
import io.httun.tun.TunEngine.Ending;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TunThreadTest {
    /** Fails in each of its methods, each time with another exception. */
    private static final class Failing implements TunThread.Work {
        private final List<String> failures = new CopyOnWriteArrayList<>();
        private final List<Ending> endings = new CopyOnWriteArrayList<>();
        private volatile int opened;
        private volatile boolean reading;

        @Override
        public void open() {
            opened++;
            switch (opened) {
                case 1 -> throw new HttunException("open");
                case 2 -> throw new NoClassDefFoundError("open");
                default -> Thread.currentThread().interrupt();
            }
        }

        @Override
        public void read(WakeEvent wake) {
            switch (opened) {
                case 3 -> throw new IllegalStateException("read");
                case 4 -> throw new AssertionError("read");
                default -> {
                    reading = true;
                    new Poll(wake.fd()).await(-1);
                    reading = false;
                }
            }
        }

        @Override
        public void close() {
            if (opened == 4) {
                throw new IllegalStateException("close");
            }
        }

        @Override
        public void failed(Throwable cause) {
            failures.add(cause.getMessage());
            throw new IllegalStateException("report");
        }

        @Override
        public void end(Ending how) {
            endings.add(how);
            throw new IllegalStateException("end");
        }
    }

    @BeforeEach
    void needsLinux() {
        assumeThat(Platform.problem()).isEmpty();
    }

    @Test
    void goesOnWhateverIsThrown() {
        Failing work = new Failing();
        TunThread thread = new TunThread("test", work, 1);
        thread.start();
        await().until(() -> work.reading);
        assertThat(work.failures).containsExactly("open", "open", "read", "read", "close");
        thread.openAgain();
        await().until(() -> work.opened == 6 && work.reading);
        thread.stop(Ending.UNROUTE);
        assertThat(work.endings).containsExactly(Ending.UNROUTE);
        assertThat(work.reading).isFalse();
    }
}
