// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.start;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.shell.FakeServices;
import io.httun.shell.console.ConsoleRecord;
import io.httun.toolkit.status.Services;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;

class OwnConsoleTest {
    @TempDir
    Path folder;

    private Dictionary<String, Object> shell = new Hashtable<>();

    @SuppressWarnings("unchecked")
    private OwnConsole console(Path process) {
        Configuration configuration = FakeServices.proxy(Configuration.class, (method, args) -> {
            if (method.equals("update")) {
                shell = (Dictionary<String, Object>) args[0];
            }
            return shell;
        });
        FakeServices services = new FakeServices()
                .add(
                        ConfigurationAdmin.class,
                        FakeServices.proxy(ConfigurationAdmin.class, (method, args) -> configuration));
        return new OwnConsole(new Services(services.context()), folder, new ListeningPorts(process));
    }

    private static ServerSocket listen() throws IOException {
        return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }

    @Test
    void findsTheConsoleOfThisProcessOnceItAnswersAndHasAKey() throws Exception {
        try (ServerSocket socket = listen()) {
            shell.put("sshPort", "" + socket.getLocalPort());
            shell.put("sshHost", "0.0.0.0");
            OwnConsole own = console(Path.of("/proc/self"));
            CompletableFuture<Void> server = CompletableFuture.runAsync(() -> {
                try (Socket accepted = socket.accept()) {
                    Files.writeString(
                            folder.resolve("host.key.pub"),
                            "-----BEGIN PUBLIC KEY-----\nQUJD\n-----END PUBLIC KEY-----\n");
                    accepted.getOutputStream().write("SSH-2.0-x\r\nkey exchange".getBytes(StandardCharsets.US_ASCII));
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThat(own.find())
                    .contains(new ConsoleRecord(
                            ProcessHandle.current().pid(), "127.0.0.1", socket.getLocalPort(), "QUJD"));
            server.join();
        }
    }

    @Test
    void noticesThatTheConsoleHasLeftItsPort() throws Exception {
        ConsoleRecord found;
        try (ServerSocket socket = listen()) {
            shell.put("sshPort", "" + socket.getLocalPort());
            shell.put("sshHost", "127.0.0.1");
            found = new ConsoleRecord(1, "127.0.0.1", socket.getLocalPort(), "QUJD");
            assertThat(console(Path.of("/proc/self")).isStill(found)).isTrue();
            shell.put("sshPort", "" + (socket.getLocalPort() + 1));
            assertThat(console(Path.of("/proc/self")).isStill(found))
                    .as("configured elsewhere")
                    .isFalse();
            shell.put("sshPort", "" + socket.getLocalPort());
        }
        assertThat(console(Path.of("/proc/self")).isStill(found))
                .as("no longer open")
                .isFalse();
    }

    @Test
    void movesAwayFromAPortThatAnotherProcessHas() throws Exception {
        Path process = Files.createDirectories(folder.resolve("proc"));
        Files.createDirectories(process.resolve("fd"));
        Files.createDirectories(process.resolve("net"));
        Files.writeString(process.resolve("net/tcp"), "  sl  local_address\n");
        try (ServerSocket other = listen()) {
            shell.put("sshPort", "" + other.getLocalPort());
            shell.put("sshHost", "127.0.0.1");
            OwnConsole own = console(process);
            assertThat(own.find()).isEmpty();
            own.moveIfTaken();
            int moved = Integer.parseInt(shell.get("sshPort").toString());
            assertThat(moved).isGreaterThan(other.getLocalPort());
            own.moveIfTaken();
            assertThat(shell.get("sshPort")).as("a free port stays").isEqualTo("" + moved);
        }
    }
}
