// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.toolkit.audit.AuditEvent;
import io.httun.toolkit.audit.AuditTrail;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Writes a client's session to the audit trail: once when the server has proved that it knows the key, and once at the end. The kinds
 * are not those of a server's sessions, so that many of the ones cannot suppress the others. Thread-safe.
 */
final class ClientSessionAudit {
    private final String id;
    private final String client;
    private final ServerUrl server;
    private final Counters counters;
    private final AtomicBoolean closed = new AtomicBoolean();

    ClientSessionAudit(String id, String client, ServerUrl server, Counters counters) {
        this.id = id;
        this.client = client;
        this.server = server;
        this.counters = counters;
        AuditTrail.publish(
                AuditEvent.of("client-session/OPENED", "session", id, "client", client, "server", server.toString()));
    }

    void closed(String why) {
        if (closed.compareAndSet(false, true)) {
            AuditTrail.publish(AuditEvent.of(
                    "client-session/CLOSED",
                    "session",
                    id,
                    "client",
                    client,
                    "server",
                    server.toString(),
                    "reason",
                    why,
                    "bytesIn",
                    Long.toString(counters.bytesIn.sum()),
                    "bytesOut",
                    Long.toString(counters.bytesOut.sum())));
        }
    }
}
