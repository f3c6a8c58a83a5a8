// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.httun.api.status.ChannelStatus;
import io.httun.api.status.ListenerStatus;
import io.httun.api.status.StatusSource;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DemoCommandTest {
    private final DemoCommand command = new DemoCommand();
    private final AtomicInteger looks = new AtomicInteger();
    private FakeSocks socks;
    private int listensAfterLooks;
    private String client = "demo";
    private String trouble = "starting";

    @BeforeEach
    void start() throws IOException {
        socks = new FakeSocks();
        command.pause = Duration.ofMillis(1);
    }

    @AfterEach
    void stop() throws IOException {
        socks.close();
    }

    private final StatusSource parts = new StatusSource() {
        @Override
        public List<ChannelStatus> channels() {
            return List.of(
                    Samples.channel("server", "demo", 0),
                    Samples.channel("client", client, socks.connections() * 1000L));
        }

        @Override
        public List<ListenerStatus> listeners() {
            boolean up = looks.incrementAndGet() > listensAfterLooks;
            return List.of(
                    new ListenerStatus(
                            "socks-demo", "socks", "127.0.0.1:" + socks.port(), up ? "listening" : trouble, 0, 0, 0),
                    new ListenerStatus("connect-demo", "connect", "127.0.0.1:8118", "listening", 0, 0, 0));
        }
    };

    private String demo() throws Exception {
        return Run.command(command, new FakeServices().add(StatusSource.class, parts));
    }

    @Test
    void showsOneRequestAndWhatToTry() throws Exception {
        String printed = demo();
        assertThat(printed.lines().toList())
                .contains("httun demo is ready")
                .contains("Port 1080 is taken: SOCKS listens on " + socks.port() + " instead.")
                .contains("  curl -x socks5h://127.0.0.1:" + socks.port() + " https://example.org/")
                .contains("  curl -x http://127.0.0.1:8118 https://example.org/")
                .contains("  on the wire    encrypted frames: 1,000 there, 1,000 back")
                .contains("  round trips    1,000 HTTP requests")
                .noneMatch(line -> line.contains("8118 is taken"));
        assertThat(printed).containsPattern("in clear +[56]\\d bytes there, 122 bytes back");
        assertThat(printed).containsPattern("speaks first +\"220 the far end speaks first\" after \\d+\\.\\d ms");
        assertThat(printed).containsPattern("closed port +refused after \\d+\\.\\d ms: SOCKS: Connection refused");
    }

    @Test
    void doesNotCallATunnelReadyThatReportsAClosedPortAsConnected() throws Exception {
        socks.optimistic = true;
        DemoRequest way =
                new DemoRequest(new DemoParts.HostAndPort("127.0.0.1", socks.port()), TimeUnit.SECONDS.toNanos(5));
        assertThatThrownBy(way::refusal)
                .isInstanceOf(IOException.class)
                .hasMessage("got a connection to a closed port");
    }

    @Test
    void waitsForItsParts() throws Exception {
        listensAfterLooks = 3;
        assertThat(demo()).contains("Waiting for listener socks-demo (it is starting) ...", "httun demo is ready");
    }

    @Test
    void triesAgainWhileTheTunnelIsNotUpYet() throws Exception {
        socks.failures = 2;
        assertThat(demo()).contains("httun demo is ready");
        assertThat(socks.connections())
                .as("two that failed, and one for each exchange")
                .isEqualTo(5);
        assertThat(socks.troubles()).isEmpty();
    }

    @Test
    void namesThePartsThatAreMissing() throws Exception {
        command.patience = Duration.ZERO;
        client = "other";
        listensAfterLooks = Integer.MAX_VALUE;
        trouble = "not listening: permission denied";
        List<String> lines = new ArrayList<>(demo().lines().toList());
        assertThat(lines)
                .contains("httun demo failed: after 0 s there is no client channel demo,"
                        + " no listener socks-demo (it is not listening: permission denied)")
                .noneMatch(line -> line.contains("is ready"))
                .last()
                .asString()
                .contains("log:display");
    }

    @Test
    void saysThatNothingComesThrough() throws Exception {
        command.patience = Duration.ofMillis(1);
        socks.failures = Integer.MAX_VALUE;
        assertThat(demo())
                .containsPattern(
                        "httun demo failed: the parts are up, but an exchange through the tunnel failed \\(.+\\)\\. "
                                + "Client channel demo is up");
    }

    @Test
    void endsOnCtrlC() throws Exception {
        listensAfterLooks = Integer.MAX_VALUE;
        CompletableFuture<Throwable> outcome = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                demo();
                outcome.complete(null);
            } catch (Exception e) {
                outcome.complete(e);
            }
        });
        thread.start();
        await().until(() -> looks.get() > 1);
        thread.interrupt();
        assertThat(outcome.get()).isInstanceOf(InterruptedException.class);
    }
}
