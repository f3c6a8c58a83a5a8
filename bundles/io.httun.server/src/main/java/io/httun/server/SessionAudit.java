// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.toolkit.audit.AuditEvent;
import io.httun.toolkit.audit.AuditTrail;
import java.util.concurrent.atomic.AtomicBoolean;

/** Writes a session to the audit trail: once when it is confirmed, and once when it ends after that. Thread-safe. */
final class SessionAudit {
    private final Session session;
    private final AtomicBoolean opened = new AtomicBoolean();

    SessionAudit(Session session) {
        this.session = session;
    }

    void opened() {
        if (opened.compareAndSet(false, true)) {
            AuditTrail.publish(AuditEvent.of(
                    "session/OPENED",
                    "session",
                    session.id(),
                    "channel",
                    session.channel().name(),
                    "source",
                    session.peer()));
        }
    }

    void closed(String why) {
        if (opened.compareAndSet(true, false)) {
            AuditTrail.publish(AuditEvent.of(
                    "session/CLOSED",
                    "session",
                    session.id(),
                    "channel",
                    session.channel().name(),
                    "source",
                    session.peer(),
                    "reason",
                    why,
                    "bytesIn",
                    Long.toString(session.traffic().bytesIn()),
                    "bytesOut",
                    Long.toString(session.traffic().bytesOut())));
        }
    }
}
