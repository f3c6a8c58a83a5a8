// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.toolkit.audit.AuditEvent;
import io.httun.toolkit.audit.AuditTrail;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A client's sessions in the audit trail, each of its kinds. */
class ClientSessionAuditTest extends AgainstOurServer {
    private final List<AuditEvent> events = new CopyOnWriteArrayList<>();
    private final Consumer<AuditEvent> reader = events::add;

    @BeforeEach
    void read() {
        AuditTrail.read(reader);
    }

    @AfterEach
    void forget() {
        AuditTrail.forget(reader);
    }

    /** Those of this test's server: other tests run beside it. */
    private List<AuditEvent> seen(String kind) {
        return events.stream()
                .filter(event -> event.kind().equals("client-session/" + kind)
                        && event.details().get("server").equals(endpoint.url()))
                .toList();
    }

    private void isToldOnce(TunnelClient which, String reason) throws IOException {
        try (Targets echo = Targets.echo()) {
            Pipe pipe = fixture.connect(which, echo.address());
            pipe.flood(Targets.random(1000));
            pipe.read(1000);
            assertThat(seen("OPENED")).singleElement().satisfies(event -> assertThat(event.details())
                    .containsEntry("client", "home")
                    .containsEntry(
                            "session",
                            which.sessions().findFirst().orElseThrow().id()));
            assertThat(seen("CLOSED")).isEmpty();
            if (reason.equals("done")) {
                pipe.shutdownOutput();
                pipe.awaitEnd();
                which.retire();
            } else {
                assertThat(which.closeSession(
                                which.sessions().findFirst().orElseThrow().id()))
                        .isTrue();
            }
        }
        await().untilAsserted(() -> assertThat(seen("CLOSED")).singleElement().satisfies(event -> {
            assertThat(event.details()).containsEntry("reason", reason);
            assertThat(Long.parseLong(event.details().get("bytesIn"))).isGreaterThanOrEqualTo(1000);
            assertThat(Long.parseLong(event.details().get("bytesOut"))).isGreaterThanOrEqualTo(1000);
        }));
    }

    @Test
    void aSessionOfOneConnection() throws IOException {
        isToldOnce(client, "done");
    }

    @Test
    void aSessionThatIsEnded() throws IOException {
        isToldOnce(client, "the session was closed by the administrator");
    }

    @Test
    void aPipe() throws IOException {
        server.streams(fixture.streams());
        TunnelClient withStreams = new TunnelClient(Fixture.settings(endpoint.url()), fixture.withStreams());
        isToldOnce(withStreams, "the session was closed by the administrator");
        withStreams.close();
        await().until(withStreams::isIdle);
    }
}
