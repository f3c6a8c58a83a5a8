// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.crypto.jca.JcaFrameCipher;
import io.httun.crypto.jca.JcaKeyAgreement;
import io.httun.testrig.ServerUnderTest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A tunnel in a JVM of its own, which logs all that there is to log: nothing in it is a secret. */
class SecretsTest {
    private static final String PASSWORD = "pa55w0rd-of-the-test";
    private static final String DONE = "the tunnel has carried its bytes";

    @Test
    @Timeout(90)
    void nothingThatIsLoggedOrShownTellsASecret() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=trace",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Tunnel.class.getName())
                .redirectErrorStream(true)
                .start();
        String said;
        try {
            said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        String base64 = Base64.getEncoder().encodeToString(Fixture.secretBytes());
        String authorization =
                Base64.getEncoder().encodeToString(("user:" + PASSWORD).getBytes(StandardCharsets.UTF_8));
        assertThat(said).as("it did log").contains(DONE).contains("DEBUG").contains("home");
        String found = said.lines()
                .filter(line -> line.toLowerCase(Locale.ROOT).contains(Fixture.SECRET.substring(0, 16))
                        || line.contains(base64.substring(0, 12))
                        || line.contains(PASSWORD)
                        || line.contains(authorization.substring(0, 12))
                        || line.contains("?m=")
                        || line.contains("&m="))
                .collect(Collectors.joining("\n"));
        assertThat(found).isEmpty();
    }

    /** Carries bytes, loses some replies, finds no server, and shows all that can be shown. */
    static final class Tunnel {
        private Tunnel() {}

        public static void main(String[] arguments) throws Exception {
            String basic = "Basic "
                    + Base64.getEncoder().encodeToString(("user:" + PASSWORD).getBytes(StandardCharsets.UTF_8));
            try (Fixture fixture = new Fixture();
                    ServerUnderTest server = new ServerUnderTest(
                            fixture,
                            new JcaFrameCipher(),
                            new JcaKeyAgreement(),
                            Fixture.CHANNEL,
                            Fixture.SECRET,
                            Map.of());
                    TestEndpoint endpoint = new TestEndpoint(fixture, server.service(), null);
                    Targets echo = Targets.echo()) {
                endpoint.lost = 10;
                server.streams(fixture.streams());
                ClientSettings settings = Fixture.settings(
                        Fixture.TIMEOUTS, new ClientSettings.Limits(16, 16, 20_000), basic, endpoint.url());
                TunnelClient client = new TunnelClient(settings, fixture.withStreams());
                byte[] bytes = Targets.random(1 << 20);
                Pipe pipe = fixture.connect(client, echo.address());
                pipe.flood(bytes);
                System.out.println(settings + " " + client + " " + client.status() + " " + server.sessions());
                if (pipe.read(bytes.length).length == bytes.length) {
                    System.out.println(DONE);
                }
                pipe.close();
                refused(fixture, echo);
                client.close();
            }
        }

        /** A server that is not there. */
        private static void refused(Fixture fixture, Targets echo) {
            TunnelClient lost = new TunnelClient(
                    Fixture.settings(
                            Fixture.TIMEOUTS, new ClientSettings.Limits(16, 16, 500), "", "http://127.0.0.1:1"),
                    fixture.surroundings());
            try {
                fixture.connect(lost, echo.address());
            } catch (RuntimeException e) {
                System.out.println(e);
            } finally {
                lost.close();
            }
        }
    }
}
