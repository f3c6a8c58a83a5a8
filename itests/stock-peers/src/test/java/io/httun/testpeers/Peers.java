// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;

/** What the tests of the peers share: a channel, quick times and a target. */
final class Peers {

    static final int CHANNEL = 7;
    static final byte[] SECRET = secret(1);
    /** Long enough for what must happen. */
    static final Duration SOON = Duration.ofSeconds(5);
    /** How long something that must not happen is waited for. */
    static final Duration MOMENT = Duration.ofMillis(100);

    static final ServerTiming SERVER_TIMING = ServerTiming.stock().withIdleReply(Duration.ofMillis(200));
    static final ClientTiming CLIENT_TIMING =
            ClientTiming.stock().withRetry(Duration.ofMillis(10)).withError(Duration.ofMillis(10));

    private Peers() {}

    static byte[] secret(int fill) {
        byte[] secret = new byte[32];
        Arrays.fill(secret, (byte) fill);
        return secret;
    }

    static StockServerBuilder server() {
        return StockServer.builder().channel(CHANNEL, SECRET).timing(SERVER_TIMING);
    }

    static StockClient.Builder client(StockServer server) {
        return StockClient.builder(server.url(), CHANNEL, SECRET).timing(CLIENT_TIMING);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    /** A TCP target on 127.0.0.1 whose connections the test works by hand. */
    static final class Target implements AutoCloseable {

        private final ServerSocket listener;

        Target() {
            try {
                listener = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
                listener.setSoTimeout((int) SOON.toMillis());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        InetSocketAddress address() {
            return new InetSocketAddress("127.0.0.1", listener.getLocalPort());
        }

        Socket accept() throws IOException {
            Socket socket = listener.accept();
            socket.setSoTimeout((int) SOON.toMillis());
            return socket;
        }

        /** Sends back what comes, on every connection, until closed. */
        Target echoing() throws IOException {
            listener.setSoTimeout(0);
            Thread acceptor = new Thread(() -> {
                try {
                    while (true) {
                        Socket socket = listener.accept();
                        Thread echo = new Thread(() -> echo(socket), "echo");
                        echo.setDaemon(true);
                        echo.start();
                    }
                } catch (IOException e) {
                    // Closed.
                }
            });
            acceptor.setDaemon(true);
            acceptor.start();
            return this;
        }

        private static void echo(Socket socket) {
            try (socket) {
                socket.getInputStream().transferTo(socket.getOutputStream());
            } catch (IOException e) {
                // Reset by the server.
            }
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }
}
