// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.api.status.DrainStatus;
import io.httun.api.tunnel.TunnelReply;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a server that is drained answers; pipes are drained in the fault tests. */
class DrainedServerTest {
    private static final Duration FOREVER = Duration.ofHours(1);

    private final TestServer server = new TestServer();

    @BeforeEach
    void start() {
        server.channel();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private DrainStatus status() {
        return server.server.drains().get(0);
    }

    @Test
    void refusesNewSessionsAndServesThoseThatAreThere() throws Exception {
        for (UUID uuid : new UUID[] {TestClient.ours(), TestClient.stock()}) {
            TestClient client = TestClient.connected(server, uuid);
            server.server.drain().drain(FOREVER);
            TunnelReply refused = new TestClient(server, uuid).init();
            assertThat(refused).isEqualTo(TunnelReply.unavailable(5));
            assertThat(client.confirm().status()).isEqualTo(200);
            server.server.drain().serve();
            assertThat(new TestClient(server, uuid).init().status()).isEqualTo(200);
        }
        assertThat(status()).isEqualTo(new DrainStatus("server", DrainStatus.SERVING, 4, 0, 2));
    }

    @Test
    void answersAStrangerAsEver() throws Exception {
        server.server.drain().drain(FOREVER);
        TestClient stranger = new TestClient(server, TestClient.ours(), TestServer.CHANNEL, "ff".repeat(32));
        assertThat(stranger.init()).isEqualTo(TunnelReply.refused());
        TestClient lost = new TestClient(server, TestClient.ours(), 8, TestServer.SECRET);
        assertThat(lost.init()).isEqualTo(TunnelReply.refused());
        assertThat(status().refused()).isZero();
    }

    @Test
    void resetsWhatRemainsAtTheEndAndStillRefuses() throws Exception {
        TestClient client = TestClient.connected(server, TestClient.ours());
        server.server.drain().drain(Duration.ofSeconds(100));
        assertThat(status().leftSeconds()).isBetween(90L, 100L);
        assertThat(status().sessions()).isEqualTo(1);
        server.server.drain().drain(Duration.ZERO);
        await().until(() -> status().state().equals(DrainStatus.DRAINED));
        await().until(() -> status().sessions() == 0);
        assertThat(client.confirm()).isEqualTo(TunnelReply.refused());
        assertThat(client.init().status()).isEqualTo(503);
    }
}
