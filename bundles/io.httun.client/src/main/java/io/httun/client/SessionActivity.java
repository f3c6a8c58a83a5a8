// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.status.SessionStatus;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** Identity, age and traffic of one session, as its status and the audit trail show them. Thread-safe. */
final class SessionActivity {
    private final String client;
    private final String id =
            HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong(), 8);
    private final Counters counters;
    private final long since = System.nanoTime();
    private final ClientSessionAudit audit;
    private volatile long lastUse = since;

    /** A session begins. @param server that has it */
    SessionActivity(ClientContext context, ServerUrl server) {
        this.client = context.settings().name();
        this.counters = new Counters(context.counters());
        this.audit = new ClientSessionAudit(id, client, server, counters);
    }

    /** The session has ended; only the first reason counts. */
    void ended(String why) {
        audit.closed(why);
    }

    String id() {
        return id;
    }

    Counters counters() {
        return counters;
    }

    /** When the session began, by {@link System#nanoTime}. */
    long since() {
        return since;
    }

    /** When the server was last heard of, by {@link System#nanoTime}. */
    long lastUse() {
        return lastUse;
    }

    void used(long now) {
        lastUse = now;
    }

    /**
     * @param node number of the server; 0 for none
     * @param keySince when the current key came into use, by {@link System#nanoTime}
     */
    SessionStatus status(int node, String state, long keySince) {
        long now = System.nanoTime();
        return new SessionStatus(
                id,
                "client",
                client,
                node,
                state,
                TimeUnit.NANOSECONDS.toSeconds(now - since),
                TimeUnit.NANOSECONDS.toSeconds(now - lastUse),
                TimeUnit.NANOSECONDS.toSeconds(now - keySince),
                counters.framesIn.sum(),
                counters.framesOut.sum(),
                counters.bytesIn.sum(),
                counters.bytesOut.sum());
    }
}
