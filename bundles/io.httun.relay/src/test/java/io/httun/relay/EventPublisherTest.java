// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.relay.ConnectionSummary;
import io.httun.api.relay.EndCause;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.osgi.service.event.Event;
import org.osgi.service.event.EventAdmin;

class EventPublisherTest {
    @Test
    void postsWhatThereIsToTell() {
        List<Event> posted = new ArrayList<>();
        EventPublisher publisher = new EventPublisher(new EventAdmin() {
            @Override
            public void postEvent(Event event) {
                posted.add(event);
            }

            @Override
            public void sendEvent(Event event) {
                throw new AssertionError("handlers would run on the event loop");
            }
        });
        publisher.ended(new ConnectionSummary(
                Instant.EPOCH, "c1", "home", "complete", EndCause.COMPLETE, 1, 2, 3, 4, 5, 6, 7, 8, "", "", ""));
        Event event = posted.get(0);
        assertThat(event.getTopic()).isEqualTo("io/httun/connection/ENDED");
        assertThat(event.getProperty("id")).isEqualTo("c1");
        assertThat(event.getProperty("reason")).isEqualTo("COMPLETE");
        assertThat(event.getProperty("bytesFromTarget")).isEqualTo(4L);
        assertThat(event.getProperty("time")).isEqualTo("1970-01-01T00:00:00Z");
        assertThat(event.getPropertyNames()).doesNotContain("target", "user", "source");
    }
}
