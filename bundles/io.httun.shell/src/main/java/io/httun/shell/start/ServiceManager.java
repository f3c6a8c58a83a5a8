// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.start;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The service manager that has started this process: gets its state by the protocol of sd_notify(3), one datagram for each message.
 *
 * @param socket path of the manager's Unix datagram socket; {@code @} before an abstract one
 * @param watchdogMicros the process is ended when no {@link #alive} comes for so long; 0 for no limit
 */
record ServiceManager(String socket, long watchdogMicros) {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceManager.class);
    /** sun_path of sockaddr_un has 108 bytes. */
    private static final int MAX_PATH = 107;

    /**
     * @param environment of the process: {@code NOTIFY_SOCKET}, {@code WATCHDOG_USEC}, {@code WATCHDOG_PID}
     * @return empty without a manager that wants messages
     */
    static Optional<ServiceManager> of(Map<String, String> environment, long pid) {
        String socket = environment.getOrDefault("NOTIFY_SOCKET", "");
        if (socket.isEmpty()) {
            return Optional.empty();
        } else if (!socket.matches("(?s)[/@].+") || socket.getBytes(StandardCharsets.UTF_8).length > MAX_PATH) {
            LOG.warn("NOTIFY_SOCKET is no Unix socket: the service manager is not told when this process is ready");
            return Optional.empty();
        }
        String owner = environment.getOrDefault("WATCHDOG_PID", "");
        boolean watched = owner.isEmpty() || owner.equals(Long.toString(pid));
        return Optional.of(
                new ServiceManager(socket, watched ? micros(environment.getOrDefault("WATCHDOG_USEC", "")) : 0));
    }

    private static long micros(String text) {
        try {
            return Math.max(0, Long.parseLong(text));
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /** @param status a line for {@code systemctl status} */
    void ready(String status) {
        send("READY=1\nSTATUS=" + status.lines().findFirst().orElse(""));
    }

    void alive() {
        send("WATCHDOG=1");
    }

    void stopping() {
        send("STOPPING=1");
    }

    private void send(String message) {
        if (!Epoll.isAvailable()) {
            LOG.warn(
                    "The service manager cannot be reached: native sockets of Netty are missing",
                    Epoll.unavailabilityCause());
            return;
        }
        byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
        ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
        byte[] path = socket.getBytes(StandardCharsets.UTF_8);
        if (path[0] == '@') {
            path[0] = 0;
        }
        Socket sender = Socket.newSocketDomainDgram();
        try {
            // Not blocking: when the manager's queue is full, the next message comes soon enough.
            sender.sendToDomainSocket(buffer, 0, bytes.length, path);
        } catch (IOException e) {
            LOG.warn("Cannot tell the service manager {}: {}", message, e.toString());
        } finally {
            close(sender);
        }
    }

    private static void close(Socket sender) {
        try {
            sender.close();
        } catch (IOException e) {
            LOG.debug("Cannot close a socket", e);
        }
    }
}
