// SPDX-License-Identifier: Apache-2.0
package io.httun.testrig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Programs of this machine as child processes; what is missing skips the test, saying so. */
public final class Programs implements AutoCloseable {
    private static final int STOP_SECONDS = 5;
    private static final Duration START = Duration.ofSeconds(30);

    private final Path folder;
    private final List<Process> running = new ArrayList<>();

    /** @param folder for their files and logs */
    public Programs(Path folder) {
        this.folder = folder;
    }

    /** Skips the test where a program is missing. */
    public static void need(String... names) {
        for (String name : names) {
            assumeTrue(find(name) != null, "Skipped: " + name + " is not installed");
        }
    }

    public static boolean isThere(String name) {
        return find(name) != null;
    }

    private static String find(String name) {
        return Stream.concat(Arrays.stream(System.getenv("PATH").split(":")), Stream.of("/usr/sbin"))
                .map(directory -> Path.of(directory, name))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst()
                .orElse(null);
    }

    /** Starts a program that the test outlives; its output goes to a file in the folder. */
    public Process start(String... command) throws IOException {
        File log = Files.createTempFile(folder, command[0], ".log").toFile();
        String[] found = command.clone();
        found[0] = find(command[0]);
        Process process = new ProcessBuilder(found)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log)
                .redirectInput(new File("/dev/null"))
                .start();
        running.add(process);
        return process;
    }

    /** Runs a program to its end and gives its output. */
    public String run(String... command) throws Exception {
        String[] found = command.clone();
        found[0] = find(command[0]);
        Path out = Files.createTempFile(folder, command[0], ".out");
        Process process = new ProcessBuilder(found)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .redirectInput(new File("/dev/null"))
                .start();
        running.add(process);
        assertThat(process.waitFor(60, TimeUnit.SECONDS))
                .as(String.join(" ", command))
                .isTrue();
        return Files.readString(out);
    }

    /** A port for programs that cannot choose one. It is below those that systems give out, so that nothing else gets it meanwhile. */
    public static int freePort() throws IOException {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(20_000, 32_000);
            try (ServerSocket server = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return server.getLocalPort();
            } catch (BindException e) {
                assertThat(e).hasMessageContaining("in use");
            }
        }
    }

    /** Waits until something listens, without connecting: a connection means something to some programs. */
    public static void awaitListening(int port) {
        String wanted = String.format(":%04X ", port);
        // Varnish compiles its configuration first.
        await().atMost(START).until(() -> Stream.of("/proc/net/tcp", "/proc/net/tcp6")
                .flatMap(Programs::lines)
                .anyMatch(line -> line.contains(wanted) && line.contains(" 0A ")));
    }

    private static Stream<String> lines(String file) {
        try {
            return Files.readAllLines(Path.of(file)).stream();
        } catch (IOException e) {
            return Stream.empty();
        }
    }

    /**
     * Squid as a proxy on loopback.
     *
     * @param userAndPassword what clients must send; empty = nothing
     * @return its port
     */
    public int squid(String userAndPassword) throws IOException {
        need("squid");
        int port = freePort();
        Path home = Files.createTempDirectory(folder, "squid");
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        String access = "http_access allow all\n";
        if (!userAndPassword.isEmpty()) {
            Path checker = home.resolve("check");
            Files.writeString(
                    checker,
                    "#!/bin/sh\nwhile read -r line; do [ \"$line\" = '" + userAndPassword.replace(':', ' ')
                            + "' ] && echo OK || echo ERR; done\n");
            Files.setPosixFilePermissions(checker, PosixFilePermissions.fromString("rwxr-xr-x"));
            access = "auth_param basic program " + checker + "\nacl known proxy_auth REQUIRED\n"
                    + "http_access allow known\nhttp_access deny all\n";
        }
        Path conf = home.resolve("squid.conf");
        Files.writeString(
                conf,
                "http_port 127.0.0.1:" + port + "\n" + access + "cache deny all\nshutdown_lifetime 0 seconds\n"
                        + "pid_filename none\naccess_log none\ncache_log " + home.resolve("cache.log")
                        + "\nnetdb_filename none\ncoredump_dir " + home
                        + "\nvisible_hostname test\npinger_enable off\n");
        start("squid", "-N", "-f", conf.toString());
        awaitListening(port);
        return port;
    }

    @Override
    public void close() {
        for (Process process : running) {
            process.descendants().forEach(ProcessHandle::destroy);
            process.destroy();
            process.onExit()
                    .completeOnTimeout(process, STOP_SECONDS, TimeUnit.SECONDS)
                    .join();
            process.destroyForcibly();
        }
    }

    /** A file with credentials, as configurations name them. */
    public Path secret(String content) throws IOException {
        Path file = Files.createTempFile(
                folder,
                "secret",
                "",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return Files.writeString(file, content + "\n");
    }

    /** Whether a port takes connections. */
    public static boolean takesConnections(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }
}
