// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.start;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServiceManagerTest {
    private static final long PID = 42;
    private static final int MAX_MESSAGE = 4096;

    @TempDir
    Path folder;

    private static String receive(Socket socket) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(MAX_MESSAGE);
        int length = Awaitility.await()
                .until(
                        () -> {
                            var from = socket.recvFromDomainSocket(buffer, 0, MAX_MESSAGE);
                            return from == null ? 0 : from.receivedAmount();
                        },
                        received -> received > 0);
        byte[] message = new byte[length];
        buffer.get(0, message);
        return new String(message, StandardCharsets.UTF_8);
    }

    private static void converse(String address, String bound) throws IOException {
        Assumptions.assumeTrue(Epoll.isAvailable(), "there is no epoll here");
        Socket socket = Socket.newSocketDomainDgram();
        try {
            socket.bind(new DomainSocketAddress(bound));
            ServiceManager manager = ServiceManager.of(
                            Map.of("NOTIFY_SOCKET", address, "WATCHDOG_USEC", "30000000", "WATCHDOG_PID", "" + PID),
                            PID)
                    .orElseThrow();
            assertThat(manager.watchdogMicros()).isEqualTo(30_000_000);
            manager.ready("httun server is ready: http://localhost\n  MAINPID=1");
            assertThat(receive(socket)).isEqualTo("READY=1\nSTATUS=httun server is ready: http://localhost");
            manager.alive();
            assertThat(receive(socket)).isEqualTo("WATCHDOG=1");
            manager.stopping();
            assertThat(receive(socket)).isEqualTo("STOPPING=1");
        } finally {
            socket.close();
        }
    }

    @Test
    void tellsASocketInTheFileSystem() throws IOException {
        String path = folder.resolve("notify").toString();
        converse(path, path);
    }

    @Test
    void tellsAnAbstractSocket() throws IOException {
        String name = "httun-test-" + UUID.randomUUID();
        converse('@' + name, '\0' + name);
    }

    @Test
    void aManagerThatHasGoneIsNoError() {
        Assumptions.assumeTrue(Epoll.isAvailable(), "there is no epoll here");
        ServiceManager.of(Map.of("NOTIFY_SOCKET", folder.resolve("gone").toString()), PID)
                .orElseThrow()
                .alive();
    }

    @ParameterizedTest
    @CsvSource({"30000000,42,30000000", "30000000,43,0", "30000000,'',30000000", "many,42,0", "-1,42,0", "'',42,0"})
    void theWatchdogIsForItsProcessOnly(String micros, String pid, long expected) {
        assertThat(ServiceManager.of(Map.of("NOTIFY_SOCKET", "/x", "WATCHDOG_USEC", micros, "WATCHDOG_PID", pid), PID)
                        .orElseThrow()
                        .watchdogMicros())
                .isEqualTo(expected);
    }

    @Test
    void withoutASocketNobodyIsTold() {
        assertThat(ServiceManager.of(Map.of(), PID)).isEmpty();
        assertThat(ServiceManager.of(Map.of("NOTIFY_SOCKET", ""), PID)).isEmpty();
        assertThat(ServiceManager.of(Map.of("NOTIFY_SOCKET", "vsock:2:1234"), PID))
                .isEmpty();
        assertThat(ServiceManager.of(Map.of("NOTIFY_SOCKET", "/" + "x".repeat(200)), PID))
                .isEmpty();
    }
}
