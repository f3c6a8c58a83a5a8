// SPDX-License-Identifier: Apache-2.0
package io.httun.cluster;

import io.httun.toolkit.status.LogLimiter;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs who is shut out: each address once an hour, and one line a second in all. Bounded in memory; thread-safe. */
final class StrangerLog {
    private static final Logger LOG = LoggerFactory.getLogger(StrangerLog.class);
    private static final int MAX_ADDRESSES = 256;
    private static final long AGAIN = TimeUnit.HOURS.toNanos(1);

    private final LogLimiter limiter = new LogLimiter(LOG);
    private final LongSupplier nanos;
    private final Map<String, Long> logged = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
            return size() > MAX_ADDRESSES;
        }
    };

    StrangerLog() {
        this(System::nanoTime);
    }

    StrangerLog(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** @param why with what to do, behind "shut out: " */
    void shutOut(InetAddress address, String why) {
        if (isNew(address.getHostAddress() + why)) {
            limiter.warn("stranger", "Cluster: {} is shut out: {}", address.getHostAddress(), why);
        }
    }

    /** What a failed handshake says of the other end. */
    static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        String text = String.valueOf(cause.getMessage());
        return text.contains("cluster key") ? text : "it has not proved that it has the cluster key (" + text + ")";
    }

    /** Whether that was not logged in the last hour. */
    private synchronized boolean isNew(String what) {
        long now = nanos.getAsLong();
        Long last = logged.get(what);
        if (last != null && now - last < AGAIN) {
            return false;
        }
        logged.remove(what);
        logged.put(what, now);
        return true;
    }

    /** How many addresses are remembered. */
    synchronized int size() {
        return logged.size();
    }
}
