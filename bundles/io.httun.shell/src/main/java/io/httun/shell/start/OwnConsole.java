// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.start;

import io.httun.shell.console.ConsoleRecord;
import io.httun.toolkit.status.Services;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Dictionary;
import java.util.Optional;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Karaf's SSH console in this process. */
final class OwnConsole {
    private static final Logger LOG = LoggerFactory.getLogger(OwnConsole.class);
    private static final int PATIENCE_MILLIS = 500;
    /** The server's list of algorithms is longer. */
    private static final int KEY_EXCHANGE = 256;

    private static final int PORTS = 100;
    private static final String PORT = "sshPort";

    private final Services services;
    private final Path etc;
    private final ListeningPorts listening;

    OwnConsole(Services services, Path etc, ListeningPorts listening) {
        this.services = services;
        this.etc = etc;
        this.listening = listening;
    }

    /** @return empty until the console listens and has a host key, which Karaf creates for its first connection */
    Optional<ConsoleRecord> find() throws IOException {
        Optional<InetSocketAddress> address = address();
        if (address.isEmpty() || !listening.isOurs(address.get().getPort())) {
            return Optional.empty();
        }
        if (!Files.exists(keyFile())) {
            converse(address.get());
        }
        if (!Files.exists(keyFile())) {
            return Optional.empty();
        }
        return ConsoleRecord.key(Files.readString(keyFile()))
                .map(text -> new ConsoleRecord(
                        ProcessHandle.current().pid(),
                        address.get().getHostString(),
                        address.get().getPort(),
                        text));
    }

    /** Whether the console is where it was found, and the port is still this process's. */
    boolean isStill(ConsoleRecord found) throws IOException {
        return listening.isOurs(found.port())
                && address()
                        .map(InetSocketAddress::getPort)
                        .filter(port -> port == found.port())
                        .isPresent();
    }

    private Path keyFile() {
        return etc.resolve("host.key.pub");
    }

    /** Sets another port for Karaf if a process that started at the same time has taken the intended one. */
    void moveIfTaken() throws IOException {
        Optional<InetSocketAddress> address = address();
        if (address.isEmpty() || listening.isOurs(address.get().getPort()) || isFree(address.get())) {
            return;
        }
        for (int port = address.get().getPort() + 1; port <= address.get().getPort() + PORTS; port++) {
            if (isFree(new InetSocketAddress(address.get().getAddress(), port))) {
                Configuration shell = shell().orElseThrow();
                Dictionary<String, Object> properties = shell.getProperties();
                properties.put(PORT, Integer.toString(port));
                shell.update(properties);
                return;
            }
        }
    }

    private static boolean isFree(InetSocketAddress address) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(address);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private Optional<Configuration> shell() throws IOException {
        Optional<ConfigurationAdmin> admin = services.first(ConfigurationAdmin.class);
        return admin.isEmpty()
                ? Optional.empty()
                : Optional.of(admin.get().getConfiguration("org.apache.karaf.shell", null));
    }

    private Optional<InetSocketAddress> address() throws IOException {
        Dictionary<String, Object> properties =
                shell().map(Configuration::getProperties).orElse(null);
        if (properties == null || properties.get(PORT) == null) {
            return Optional.empty();
        }
        Object host = properties.get("sshHost");
        boolean any = host == null || InetAddress.getByName(host.toString()).isAnyLocalAddress();
        return Optional.of(new InetSocketAddress(
                any ? "127.0.0.1" : host.toString(),
                Integer.parseInt(properties.get(PORT).toString())));
    }

    /** Starts an SSH handshake, so that Karaf creates its host key; if it was too short, the next call succeeds. */
    private static void converse(InetSocketAddress address) {
        try (Socket socket = new Socket()) {
            socket.connect(address, PATIENCE_MILLIS);
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.getOutputStream().write("SSH-2.0-httun\r\n".getBytes(StandardCharsets.US_ASCII));
            socket.getInputStream().readNBytes(KEY_EXCHANGE);
        } catch (IOException e) {
            LOG.debug("The console does not answer yet: {}", e.toString());
        }
    }
}
