// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.toolkit.status.LogLimiter;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Counts what was refused, and logs it at most once a second per cause: strangers decide how often it happens. */
final class Refusals {
    /** Why something was refused. The peer is not told. */
    enum Cause {
        MALFORMED("request is not of the protocol's form"),
        CHANNEL("no such channel, or it is disabled"),
        CREDENTIALS("wrong or missing basic authentication"),
        KEY("no session and no channel secret fits the frame"),
        WRONG("authenticated but wrong"),
        QUOTA("the channel has carried as many bytes as it may (quota)"),
        TOO_MANY("too many new sessions"),
        DRAINING("the server is drained (httun:drain)"),
        STRANGER("too many requests of one address that no session expects (strangers.per.second)"),
        UNAVAILABLE("a crypto service is missing"),
        SESSION("session ended"),
        SECRET_USED_UP("the channel's secret has protected as many inits as it may"),
        INTERNAL("internal error");

        private final String text;

        Cause(String text) {
            this.text = text;
        }
    }

    private final LogLimiter limited = new LogLimiter(LoggerFactory.getLogger(Refusals.class));
    private final Map<Cause, LongAdder> totals = new EnumMap<>(Cause.class);

    Refusals() {
        for (Cause cause : Cause.values()) {
            totals.put(cause, new LongAdder());
        }
    }

    /** @param detail goes to the log: no secret, and nothing of unbounded length */
    void count(Cause cause, String detail) {
        totals.get(cause).increment();
        limited.log(cause == Cause.INTERNAL ? Level.ERROR : Level.INFO, cause.name(), "{}: {}", cause.text, detail);
    }

    long total(Cause cause) {
        return totals.get(cause).sum();
    }
}
