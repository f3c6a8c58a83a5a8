// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.status.ConnectionStatus;
import io.httun.api.status.StatusSource;
import io.httun.toolkit.status.Services;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.karaf.shell.api.console.Session;
import org.apache.karaf.shell.support.CommandException;
import org.junit.jupiter.api.Test;

class ConnectionCommandsTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final FakeServices services = new FakeServices().add(StatusSource.class, new Samples());

    @Test
    void closesAConnection() throws Exception {
        ConnectionCloseCommand command = new ConnectionCloseCommand();
        command.id = "c1";
        assertThat(Run.command(command, services)).isEqualToNormalizingNewlines("Closed connection c1\n");
    }

    @Test
    void saysThatThereIsNoSuchConnection() {
        ConnectionCloseCommand command = new ConnectionCloseCommand();
        command.id = "c9";
        assertThatThrownBy(() -> Run.command(command, services))
                .isInstanceOf(CommandException.class)
                .hasMessage("No open connection c9; see httun:connection-list");
    }

    @Test
    void completesTheIdsOfOpenConnections() {
        assertThat(new Completers.Connections().names(new Services(services.context())))
                .containsExactly("c1");
    }

    private static ConnectionStatus connection(String id, long to, long from) {
        return new ConnectionStatus(id, "home", "example.org:443", "open", 10, to, from, "");
    }

    @Test
    void theBusiestComesFirstWithItsRateSinceTheLastLook() {
        LiveConnections live = new LiveConnections();
        live.look(List.of(connection("a", 1_000, 0), connection("b", 0, 0)), SECOND);
        List<LiveConnections.Row> rows = live.look(
                List.of(connection("a", 1_100, 0), connection("b", 0, 4_000), connection("new", 9_999, 0)), 3 * SECOND);
        assertThat(rows).extracting(LiveConnections.Row::id).containsExactly("b", "a", "new");
        assertThat(rows).extracting(LiveConnections.Row::rateFromTarget).containsExactly(2_000L, 0L, 0L);
        assertThat(rows).extracting(LiveConnections.Row::rateToTarget).containsExactly(0L, 50L, 0L);
    }

    @Test
    void drawsAgainUntilAKeyIsPressed() throws Exception {
        CountDownLatch looks = new CountDownLatch(2);
        FakeServices counting = new FakeServices().add(StatusSource.class, new StatusSource() {
            @Override
            public List<ConnectionStatus> connections() {
                looks.countDown();
                List<ConnectionStatus> all = new ArrayList<>();
                for (int i = 0; i < 30; i++) {
                    all.add(connection("c" + i, i, i));
                }
                return all;
            }
        });
        ConnectionListCommand command = new ConnectionListCommand();
        command.live = true;
        command.interval = 1;
        InputStream key = new InputStream() {
            @Override
            public int read() {
                try {
                    return looks.await(20, TimeUnit.SECONDS) ? ' ' : -1;
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        };
        command.session = FakeServices.proxy(Session.class, (method, args) -> switch (method) {
            case "getKeyboard" -> key;
            case "getTerminal", "get" -> null;
            default -> command.out;
        });
        String printed = Run.command(command, counting);
        assertThat(looks.getCount()).isZero();
        assertThat(printed).contains("30 connections", "c0", "and 10 more").doesNotContain("c29", "\u001b");
    }

    @Test
    void liveEndsWithItsShell() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        ConnectionListCommand command = new ConnectionListCommand();
        command.live = true;
        command.interval = 1;
        InputStream noKey = new InputStream() {
            @Override
            public int read() throws IOException {
                try {
                    new CountDownLatch(1).await();
                    return -1;
                } catch (InterruptedException e) {
                    interrupted.countDown();
                    throw new InterruptedIOException();
                }
            }
        };
        command.session = FakeServices.proxy(Session.class, (method, args) -> switch (method) {
            case "getKeyboard" -> noKey;
            case "getTerminal" -> null;
            case "get" -> true;
            default -> command.out;
        });
        ByteArrayOutputStream closed = new ByteArrayOutputStream() {
            @Override
            public void flush() throws IOException {
                throw new IOException("the channel is closed");
            }
        };
        Run.command(command, services, closed);
        assertThat(interrupted.getCount()).isZero();
    }

    @Test
    void liveGoesWithNothingElse() {
        ConnectionListCommand command = new ConnectionListCommand();
        command.live = true;
        command.json = true;
        assertThatThrownBy(() -> Run.command(command, services))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("--live excludes --closed and --json");
    }
}
