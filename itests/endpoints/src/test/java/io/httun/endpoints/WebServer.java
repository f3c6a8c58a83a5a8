// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoints;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Assumptions;

/** A real web server with our configuration for it, in which only ports and paths are replaced. */
final class WebServer implements AutoCloseable {
    /** The programs, as Debian has them. */
    enum Kind {
        LIGHTTPD("/usr/sbin/lighttpd", "conf", "-D", "-f", "CONFIG"),
        APACHE("/usr/sbin/apache2", "conf", "-DFOREGROUND", "-f", "CONFIG"),
        NGINX("/usr/sbin/nginx", "conf", "-g", "daemon off;", "-c", "CONFIG"),
        HAPROXY("/usr/sbin/haproxy", "cfg", "-db", "-f", "CONFIG"),
        CADDY("/usr/bin/caddy", "Caddyfile", "run", "--adapter", "caddyfile", "--config", "CONFIG");

        private final Path program;
        private final String suffix;
        private final List<String> arguments;

        Kind(String program, String suffix, String... arguments) {
            this.program = Path.of(program);
            this.suffix = suffix;
            this.arguments = Arrays.asList(arguments);
        }

        private String text() {
            return name().toLowerCase(Locale.ROOT);
        }

        private String file(boolean fastCgi) {
            return text() + (fastCgi ? "-fastcgi." : "-proxy.") + suffix;
        }
    }

    private static final Path CONFIGURATIONS = Path.of("../../config/webserver").toAbsolutePath();

    private final Process process;
    private final Path output;
    private final int port = freePort();

    /** In front of a FastCGI socket. */
    static WebServer fastCgi(Kind kind, Path folder, Path socket) {
        return new WebServer(kind, folder, true, "/run/httun/fcgi.sock", socket.toString(), UnaryOperator.identity());
    }

    /** In front of an HTTP endpoint. */
    static WebServer proxy(Kind kind, Path folder, int backend) {
        return proxy(kind, folder, backend, UnaryOperator.identity());
    }

    /** @param edit of our configuration, for one that differs from it */
    static WebServer proxy(Kind kind, Path folder, int backend, UnaryOperator<String> edit) {
        return new WebServer(
                kind,
                folder,
                false,
                kind == Kind.LIGHTTPD ? "8181" : ":8181",
                (kind == Kind.LIGHTTPD ? "" : ":") + backend,
                edit);
    }

    private WebServer(
            Kind kind, Path folder, boolean fastCgi, String backend, String actualBackend, UnaryOperator<String> edit) {
        Assumptions.assumeTrue(Files.isExecutable(kind.program), kind.program + " is not there");
        try {
            String text = Files.readString(CONFIGURATIONS.resolve(kind.file(fastCgi)));
            if (!text.contains(backend)) {
                throw new AssertionError(kind.file(fastCgi) + " does not name " + backend);
            }
            text = text.replace(backend, actualBackend)
                    .replace("8080", "" + port)
                    .replace("/run/httun-", folder + "/")
                    .replace("/var/log/httun-", folder + "/log-")
                    .replace("/var/www", folder.toString());
            Path config = Files.writeString(folder.resolve(kind.file(fastCgi)), edit.apply(text));
            output = folder.resolve(kind.text() + ".out");
            List<String> command = new java.util.ArrayList<>(List.of(kind.program.toString()));
            kind.arguments.forEach(argument -> command.add(argument.replace("CONFIG", config.toString())));
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
            builder.environment().put("HOME", folder.toString());
            builder.environment().put("XDG_CONFIG_HOME", folder.toString());
            builder.environment().put("XDG_DATA_HOME", folder.toString());
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try {
            await().atMost(Duration.ofSeconds(15))
                    .pollInterval(Duration.ofMillis(20))
                    .until(this::isThere);
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    private boolean isThere() throws IOException {
        if (!process.isAlive()) {
            throw new AssertionError("ended with " + process.exitValue() + ": " + Files.readString(output));
        }
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (java.net.ConnectException e) {
            return false;
        }
    }

    /** Below the ports that systems give out: nobody else gets it before the web server has it. */
    private static int freePort() {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(20_000, 32_000);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (BindException e) {
                assertThat(e).hasMessageContaining("in use");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    String url() {
        return "http://127.0.0.1:" + port + "/httun";
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
