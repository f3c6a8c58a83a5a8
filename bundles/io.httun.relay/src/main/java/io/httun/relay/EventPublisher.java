// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import io.httun.api.relay.ConnectionListener;
import io.httun.api.relay.ConnectionSummary;
import io.httun.toolkit.status.Json;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.event.Event;
import org.osgi.service.event.EventAdmin;

/** Posts an OSGi event for each ended connection. Active only when EventAdmin is installed. */
@Component
public final class EventPublisher implements ConnectionListener {
    /** Event properties are the non-empty components of {@link ConnectionSummary}. */
    static final String TOPIC = "io/httun/connection/ENDED";

    private static final Set<Class<?>> PLAIN = Set.of(String.class, Long.class);

    private final EventAdmin events;

    @Activate
    public EventPublisher(@Reference EventAdmin events) {
        this.events = events;
    }

    @Override
    public void ended(ConnectionSummary summary) {
        Map<String, Object> properties = new HashMap<>();
        Json.components(summary).forEach((name, value) -> {
            if (!value.equals("")) {
                properties.put(name, PLAIN.contains(value.getClass()) ? value : value.toString());
            }
        });
        events.postEvent(new Event(TOPIC, properties));
    }
}
