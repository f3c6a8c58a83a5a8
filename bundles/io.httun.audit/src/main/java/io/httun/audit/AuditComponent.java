// SPDX-License-Identifier: Apache-2.0
package io.httun.audit;

import io.httun.toolkit.audit.AuditEvent;
import io.httun.toolkit.audit.AuditTrail;
import io.httun.toolkit.jdk.DaemonClock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs audit events and passes them on. */
@Component(
        immediate = true,
        service = {})
public final class AuditComponent {
    private static final Logger AUDIT = LoggerFactory.getLogger("io.httun.audit");

    private final List<AuditSink> sinks = new CopyOnWriteArrayList<>();
    private final AuditLines lines = new AuditLines(this::write, System::nanoTime);
    private final Consumer<AuditEvent> reader = lines::accept;
    private final ScheduledExecutorService clock = DaemonClock.named("httun-audit");

    @Activate
    void start() {
        AuditTrail.read(reader);
        clock.scheduleWithFixedDelay(lines::tick, 1, 1, TimeUnit.SECONDS);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addSink(AuditSink sink) {
        sinks.add(sink);
    }

    void removeSink(AuditSink sink) {
        sinks.remove(sink);
    }

    private void write(AuditEvent event) {
        AUDIT.info(AuditLines.line(Instant.now(), event));
        sinks.forEach(sink -> sink.accept(event));
    }

    @Deactivate
    void stop() {
        AuditTrail.forget(reader);
        clock.shutdownNow();
        lines.end();
    }
}
