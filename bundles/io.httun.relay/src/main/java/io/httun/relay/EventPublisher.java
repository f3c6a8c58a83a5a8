// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import io.httun.api.relay.ConnectionListener;
import io.httun.api.relay.ConnectionSummary;
import io.httun.api.status.Json;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.event.Event;
import org.osgi.service.event.EventAdmin;

/** Posts an OSGi event for every connection that has ended. There only where EventAdmin is. */
@Component
public final class EventPublisher implements ConnectionListener {
    /** Its properties are the components of {@link ConnectionSummary}, those that are empty left out. */
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
