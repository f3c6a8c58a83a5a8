// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.httun.api.crypto.SharedSecret;
import io.httun.api.status.ListenerStatus;
import io.httun.api.status.StatusSource;
import io.httun.api.target.RefusedException;
import io.httun.api.tunnel.ChannelTester;
import io.httun.api.tunnel.ChannelTester.Progress;
import io.httun.toolkit.tunnel.TunnelLink;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.service.cm.ConfigurationAdmin;

class JoinCommandTest {
    private static final String URL = "http://tunnel.example.org/httun";
    private static final String ONE = "11".repeat(32);
    private static final String OTHER = "22".repeat(32);

    @TempDir
    Path etc;

    private Throwable failure;
    private FakeServices services;

    @BeforeEach
    void start() {
        FakeConfigurations configurations = new FakeConfigurations(etc);
        services = new FakeServices()
                .add(ConfigurationAdmin.class, configurations.admin())
                .add(ChannelTester.class, tester(), Map.of("name", "laptop"))
                .add(StatusSource.class, new StatusSource() {
                    @Override
                    public List<ListenerStatus> listeners() {
                        return configurations.names("io.httun.listener.socks").stream()
                                .map(name -> new ListenerStatus(name, "socks", "127.0.0.1:1080", "listening", 0, 0, 0))
                                .toList();
                    }
                });
        services.bundle("io.httun.client", Bundle.ACTIVE);
    }

    private ChannelTester tester() {
        return (period, count, progress) -> {
            if (failure != null) {
                return ImmediateEventExecutor.INSTANCE.newFailedFuture(failure);
            }
            progress.accept(new Progress(count, Duration.ofMillis(2), 1, 1, Duration.ofSeconds(1)));
            return ImmediateEventExecutor.INSTANCE.newSucceededFuture(null);
        };
    }

    private static String link(String secret, int id) {
        return new TunnelLink(URL, "laptop", id, SharedSecret.ofHex(secret)).text();
    }

    private String join(String link, String... options) throws Exception {
        JoinCommand command = new JoinCommand();
        command.etc = etc;
        command.patience = Duration.ofMillis(1);
        command.reread = Duration.ZERO;
        command.link = link;
        command.late = List.of(options);
        return Run.command(command, services);
    }

    private List<String> files() throws Exception {
        try (Stream<Path> all = Files.walk(etc)) {
            return all.filter(Files::isRegularFile)
                    .map(file -> etc.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    @Test
    void writesClientAndListenerTriesThemAndSaysHowToUseThem() throws Exception {
        assertThat(join(link(ONE, 3)))
                .contains(
                        "works: " + URL + " knows channel laptop and its secret; an exchange of 32 KiB takes 2.0 ms",
                        "works: SOCKS proxy on 127.0.0.1:1080",
                        "curl -x socks5h://127.0.0.1:1080 https://")
                .doesNotContain(ONE);
        assertThat(files())
                .containsExactly(
                        "httun/laptop.key", "io.httun.client-laptop.cfg", "io.httun.listener.socks-laptop.cfg");
        Path key = etc.resolve("httun/laptop.key");
        assertThat(key).hasContent(ONE);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
                .isEqualTo("rw-------");
        assertThat(etc.resolve("io.httun.client-laptop.cfg"))
                .content()
                .endsWith("name = laptop\nurls = " + URL + "\nid = 3\nsecret.file = ${karaf.etc}/httun/laptop.key\n");
        assertThat(etc.resolve("io.httun.listener.socks-laptop.cfg"))
                .content()
                .contains("connector.target = (name=laptop)\n")
                .containsPattern("bind = 127\\.0\\.0\\.1:1\\d{3}\n");
    }

    @Test
    void aClientThatIsThereGetsTheNewSecretAndKeepsTheRest() throws Exception {
        join(link(ONE, 3), "--bind", "127.0.0.1:9999");
        Path client = etc.resolve("io.httun.client-laptop.cfg");
        Files.writeString(client, Files.readString(client) + "connect.seconds = 9\n");
        String before = Files.readString(client);
        assertThat(join(link(OTHER, 3))).contains("wrote " + etc.resolve("httun/laptop.key"), "works: ");
        assertThat(etc.resolve("httun/laptop.key")).hasContent(OTHER);
        assertThat(client).hasContent(before);
        assertThatThrownBy(() -> join(link(ONE, 4)))
                .hasMessage("There is a client named laptop already, which has another server or id, and nothing was"
                        + " written: join under another name with --name");
        assertThat(etc.resolve("httun/laptop.key")).hasContent(OTHER);
    }

    @Test
    void saysWhatDoesNotWork() {
        failure = new RefusedException(RefusedException.Cause.UNREACHABLE, "tunnel laptop: answers 404\u001b[2J");
        assertThatThrownBy(() -> join(link(ONE, 3)))
                .hasMessage("Not everything works yet; the files stay. Try again with: httun:test laptop");
    }

    @Test
    void readsTheLinkFromAFileOfItsOwn() throws Exception {
        Path file = Files.writeString(etc.resolve("link"), link(ONE, 3) + "\n");
        JoinCommand command = new JoinCommand();
        command.session = FakeServices.proxy(
                org.apache.karaf.shell.api.console.Session.class,
                (method, args) -> method.equals("currentDir") ? etc : method.equals("getConsole") ? System.out : null);
        command.etc = etc;
        command.patience = Duration.ofMillis(1);
        command.file = file.toString();
        assertThat(Run.command(command, services)).contains("works: SOCKS proxy");
    }

    @Test
    void aWrongLinkWritesNothing() throws Exception {
        assertThatThrownBy(() -> join("httun://h#../x:1:" + "A".repeat(43)))
                .hasMessageContaining("copy it again, whole");
        assertThatThrownBy(() -> join(link(ONE, 3), "--name", "../x")).hasMessageContaining("--name = ../x");
        assertThatThrownBy(() -> join(link(ONE, 3), "--bind", "${x}")).hasMessageContaining("must not hold");
        Files.createDirectories(etc.resolve("io.httun.listener.socks-laptop.cfg"));
        assertThatThrownBy(() -> join(link(ONE, 3))).hasMessageContaining("is there already, and nothing was written");
        assertThat(files()).isEmpty();
    }
}
