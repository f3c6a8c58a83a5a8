// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.KeyAgreement;
import io.httun.api.status.DrainStatus;
import io.httun.api.status.StatusSource;
import io.httun.api.tunnel.ServerDrain;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class DrainCommandTest {
    private final FakeServices services = new FakeServices();
    private final Server server = new Server();
    private final DrainCommand command = new DrainCommand();

    private static final class Server implements ServerDrain, StatusSource {
        private Duration drained;

        @Override
        public void drain(Duration period) {
            drained = period;
        }

        @Override
        public void serve() {
            drained = null;
        }

        @Override
        public List<DrainStatus> drains() {
            return List.of(new DrainStatus(
                    "server",
                    drained == null ? DrainStatus.SERVING : DrainStatus.DRAINING,
                    3,
                    drained == null ? 0 : drained.toSeconds(),
                    0));
        }
    }

    private String run() throws Exception {
        return Run.command(command, services);
    }

    private void server() {
        services.add(ServerDrain.class, server).add(StatusSource.class, server);
    }

    @Test
    void drainsForTenMinutesUnlessToldOtherwise() throws Exception {
        server();
        assertThat(run()).contains("draining", "600");
        command.period = "90s";
        run();
        assertThat(server.drained).isEqualTo(Duration.ofSeconds(90));
        assertThat(Run.command(new StatusCommand(), services)).contains("Server (httun:drain)", "draining");
        command.period = null;
        command.end = true;
        assertThat(run()).contains("serving");
        assertThat(server.drained).isNull();
    }

    @Test
    void saysWhatIsWrong() {
        assertThatThrownBy(this::run).hasMessageContaining("No server runs here");
        server();
        command.period = "soon";
        assertThatThrownBy(this::run).hasMessageContaining("--for = soon");
        command.end = true;
        assertThatThrownBy(this::run).hasMessage("Give --for or --end, not both");
        assertThat(server.drained).isNull();
    }

    @Test
    void theHealthSaysSoAndTheProcessIsAliveNevertheless() throws Exception {
        server();
        services.add(FrameCipher.class, null).add(KeyAgreement.class, null);
        server.drain(Duration.ofMinutes(1));
        HealthCommand health = new HealthCommand();
        assertThatThrownBy(() -> Run.command(health, services)).hasMessage("1 problem");
        health.live = true;
        assertThat(Run.command(health, services)).startsWith("Everything is");
    }
}
