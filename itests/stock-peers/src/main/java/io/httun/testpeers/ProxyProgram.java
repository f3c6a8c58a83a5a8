// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** Somebody's real proxy as a child process on a free port of the loopback interface; its files are in a folder of the test's. */
public final class ProxyProgram implements AutoCloseable {
    private static final int START_SECONDS = 20;
    private static final int STOP_SECONDS = 10;

    private final Process process;
    private final int port;
    private final Path log;

    private ProxyProgram(List<String> command, Path folder, int port) throws IOException {
        this.port = port;
        this.log = folder.resolve("output-" + port);
        this.process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        awaitPort();
    }

    /** Where a program is; system programs need not be in the path. */
    public static Optional<Path> find(String program) {
        return Stream.concat(
                        Stream.of(System.getenv("PATH").split(":")),
                        Stream.of("/usr/sbin", "/usr/bin", "/usr/lib/squid"))
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst();
    }

    public static boolean isInstalled(String program) {
        return find(program).isPresent();
    }

    /** Squid, with further lines of configuration that must end in one that allows something. */
    public static ProxyProgram squid(Path folder, String... lines) throws IOException {
        open(folder);
        int port = freePort();
        String base = String.join(
                "\n",
                "http_port 127.0.0.1:" + port,
                "pid_filename none",
                "access_log stdio:" + folder.resolve("access.log"),
                "cache_log " + folder.resolve("cache.log"),
                "coredump_dir " + folder,
                "netdb_filename none",
                "cache_mem 8 MB",
                "max_filedescriptors 1024",
                "memory_cache_shared off",
                "shutdown_lifetime 0 seconds",
                "forwarded_for delete",
                "");
        Path conf =
                Files.writeString(folder.resolve("squid-" + port + ".conf"), base + String.join("\n", lines) + "\n");
        return new ProxyProgram(List.of(path("squid"), "-N", "-d", "1", "-f", conf.toString()), folder, port);
    }

    /** @param user empty for no login */
    public static ProxyProgram tinyproxy(Path folder, String user, String password) throws IOException {
        open(folder);
        int port = freePort();
        String login = user.isEmpty() ? "" : "BasicAuth " + user + ' ' + password + '\n';
        Path conf = Files.writeString(
                folder.resolve("tinyproxy-" + port + ".conf"),
                "Port " + port + "\nListen 127.0.0.1\nTimeout 60\nMaxClients 50\nAllow 127.0.0.1\n" + login);
        return new ProxyProgram(List.of(path("tinyproxy"), "-d", "-c", conf.toString()), folder, port);
    }

    /**
     * HAProxy, which takes the TLS off what it hands on.
     *
     * @param identity PEM file with certificate and key
     */
    public static ProxyProgram tls(Path folder, Path identity, ProxyProgram behind) throws IOException {
        int port = freePort();
        Path conf = Files.writeString(
                folder.resolve("haproxy-" + port + ".cfg"),
                String.join(
                        "\n",
                        "defaults",
                        "  mode tcp",
                        "  timeout connect 10s",
                        "  timeout client 60s",
                        "  timeout server 60s",
                        "listen tls",
                        "  bind 127.0.0.1:" + port + " ssl crt " + identity,
                        "  server behind 127.0.0.1:" + behind.port(),
                        ""));
        return new ProxyProgram(List.of(path("haproxy"), "-db", "-f", conf.toString()), folder, port);
    }

    /** Dante, for SOCKS 4, 4a and 5 without a login; connects to the loopback network only. */
    public static ProxyProgram dante(Path folder) throws IOException {
        open(folder);
        int port = freePort();
        Path conf = Files.writeString(
                folder.resolve("danted-" + port + ".conf"),
                String.join(
                        "\n",
                        "logoutput: stderr",
                        "internal: 127.0.0.1 port = " + port,
                        "external: lo",
                        "clientmethod: none",
                        "socksmethod: none",
                        "user.privileged: root",
                        "user.unprivileged: nobody",
                        "client pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }",
                        "socks block { from: 127.0.0.0/8 to: 127.0.0.66/32 }",
                        "socks pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }",
                        ""));
        return new ProxyProgram(
                List.of(path("danted"), "-f", conf.toString(), "-p", folder + "/pid-" + port), folder, port);
    }

    /** @param user empty for no login */
    public static ProxyProgram microsocks(Path folder, String user, String password) throws IOException {
        int port = freePort();
        List<String> base = List.of(path("microsocks"), "-i", "127.0.0.1", "-p", Integer.toString(port));
        List<String> login = user.isEmpty() ? List.of() : List.of("-u", user, "-P", password);
        return new ProxyProgram(Stream.concat(base.stream(), login.stream()).toList(), folder, port);
    }

    public int port() {
        return port;
    }

    /** What it said so far. */
    public String output() throws IOException {
        return Files.readString(log, StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** These programs give up root's rights, and have to reach their files afterwards. */
    private static void open(Path folder) throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    }

    private static String path(String program) {
        return find(program)
                .orElseThrow(() -> new IllegalStateException(program + " is not installed"))
                .toString();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private void awaitPort() throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (process.isAlive() && System.nanoTime() < deadline) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress("127.0.0.1", port), 1000);
                return;
            } catch (IOException e) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
        }
        String said = output();
        close();
        throw new IOException("the proxy did not start: " + said);
    }
}
