// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.fcgi;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts what peers do wrong, and logs it at most once a second per cause. */
final class Complaints {
    enum Cause {
        NOT_FASTCGI("connection(s) closed"),
        PEER("connection(s) from addresses that peers does not allow"),
        CONNECTIONS("connection(s) beyond connections.max"),
        REQUESTS("request(s) beyond requests.max or the memory for bodies"),
        ROLE("request(s) for another role than responder"),
        PARAMETERS("request(s) with parameters that are malformed or too large"),
        STRAY("record(s) that belong to no request"),
        SLOW("request(s) that did not come whole in time");

        private final String text;

        Cause(String text) {
            this.text = text;
        }
    }

    private static final class Tally {
        private long lastNanos = System.nanoTime() - PAUSE;
        private long untold;
    }

    private static final Logger LOG = LoggerFactory.getLogger(Complaints.class);
    private static final long PAUSE = TimeUnit.SECONDS.toNanos(1);

    private final String endpoint;
    private final Map<Cause, Tally> tallies = new EnumMap<>(Cause.class);

    Complaints(String endpoint) {
        this.endpoint = endpoint;
        for (Cause cause : Cause.values()) {
            tallies.put(cause, new Tally());
        }
    }

    void note(Cause cause, String detail) {
        Tally tally = tallies.get(cause);
        long count;
        synchronized (tally) {
            tally.untold++;
            long now = System.nanoTime();
            if (now - tally.lastNanos < PAUSE) {
                return;
            }
            count = tally.untold;
            tally.lastNanos = now;
            tally.untold = 0;
        }
        LOG.warn("Endpoint {}: {} {}; last: {}", endpoint, count, cause.text, detail);
    }
}
