// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.status;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.AbstractLogger;
import org.slf4j.helpers.MessageFormatter;

class LogLimiterTest {
    private final List<String> lines = new ArrayList<>();
    private final AtomicLong now = new AtomicLong();
    private final LogLimiter limiter = new LogLimiter(new Recorder(lines), now::get);

    @Test
    void logsOneLineASecondAndHowManyWereSuppressed() {
        for (int i = 0; i < 5; i++) {
            limiter.warn("refused", "Listener {}: refused", "web");
        }
        assertThat(lines).containsExactly("WARN Listener web: refused");

        now.addAndGet(TimeUnit.SECONDS.toNanos(1));
        limiter.warn("refused", "Listener {}: refused", "web");
        assertThat(lines).last().isEqualTo("WARN Listener web: refused (4 similar messages suppressed)");

        now.addAndGet(TimeUnit.SECONDS.toNanos(1));
        limiter.warn("refused", "Listener {}: refused", "web");
        assertThat(lines).hasSize(3).last().isEqualTo("WARN Listener web: refused");
    }

    @Test
    void kindsDoNotSuppressEachOther() {
        limiter.info("a", "first");
        limiter.info("b", "second");
        assertThat(lines).containsExactly("INFO first", "INFO second");
    }

    @Test
    void keepsTheStackTrace() {
        limiter.error("failure", "A filter failed", new IllegalStateException("broken"));
        assertThat(lines).containsExactly("ERROR A filter failed java.lang.IllegalStateException: broken");
    }

    private static final class Recorder extends AbstractLogger {
        private static final long serialVersionUID = 1L;
        private final transient List<String> lines;

        Recorder(List<String> lines) {
            this.lines = lines;
        }

        @Override
        protected String getFullyQualifiedCallerName() {
            return null;
        }

        @Override
        protected void handleNormalizedLoggingCall(
                Level level, Marker marker, String format, Object[] arguments, Throwable thrown) {
            lines.add(level + " " + MessageFormatter.basicArrayFormat(format, arguments)
                    + (thrown == null ? "" : " " + thrown));
        }

        @Override
        public boolean isTraceEnabled() {
            return true;
        }

        @Override
        public boolean isTraceEnabled(Marker marker) {
            return true;
        }

        @Override
        public boolean isDebugEnabled() {
            return true;
        }

        @Override
        public boolean isDebugEnabled(Marker marker) {
            return true;
        }

        @Override
        public boolean isInfoEnabled() {
            return true;
        }

        @Override
        public boolean isInfoEnabled(Marker marker) {
            return true;
        }

        @Override
        public boolean isWarnEnabled() {
            return true;
        }

        @Override
        public boolean isWarnEnabled(Marker marker) {
            return true;
        }

        @Override
        public boolean isErrorEnabled() {
            return true;
        }

        @Override
        public boolean isErrorEnabled(Marker marker) {
            return true;
        }
    }
}
