// SPDX-License-Identifier: Apache-2.0
package io.httun.audit;

import io.httun.toolkit.audit.AuditEvent;
import java.util.HashMap;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.event.Event;
import org.osgi.service.event.EventAdmin;

/** Posts audit events as OSGi events below {@value #TOPICS}. Active only when EventAdmin is installed. */
@Component
public final class AuditEventPublisher implements AuditSink {
    static final String TOPICS = "io/httun/";

    private final EventAdmin events;

    @Activate
    public AuditEventPublisher(@Reference EventAdmin events) {
        this.events = events;
    }

    @Override
    public void accept(AuditEvent event) {
        Map<String, Object> properties = new HashMap<>();
        event.details().forEach((name, value) -> properties.put(name, AuditLines.limited(value)));
        events.postEvent(new Event(TOPICS + event.kind(), properties));
    }
}
