// SPDX-License-Identifier: Apache-2.0
package io.httun.testrig;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/** Talks with an echo through a tunnel, and knows what must come back. */
public final class Echoes {
    private static final int PIECE = 64 << 10;

    private Echoes() {}

    /** Sends and reads at once, so that both directions are full. */
    public static void bothWays(int port, int bytes) throws IOException {
        try (Socket socket = TunnelRig.dial(port)) {
            bothWays(socket, bytes);
        }
    }

    /** As {@link #bothWays(int, int)}, on a connection that stays open. */
    public static void bothWays(Socket socket, int bytes) throws IOException {
        CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
            try {
                send(socket, bytes);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        expect(socket.getInputStream(), bytes);
        sent.join();
    }

    /** As {@link #bothWays(int, int)}, on many connections at once. */
    public static void atOnce(int port, int connections, int bytes) throws Exception {
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            CompletableFuture<Void> one = new CompletableFuture<>();
            all.add(one);
            TunnelRig.daemon(() -> {
                try {
                    bothWays(port, bytes);
                    one.complete(null);
                } catch (IOException | AssertionError e) {
                    one.completeExceptionally(e);
                }
            });
        }
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get();
    }

    public static void send(Socket socket, int bytes) throws IOException {
        Random random = new Random(bytes);
        byte[] piece = new byte[PIECE];
        for (int left = bytes; left > 0; left -= PIECE) {
            random.nextBytes(piece);
            socket.getOutputStream().write(piece, 0, Math.min(left, PIECE));
        }
    }

    /** Reads exactly what {@link #send} sends. */
    public static void expect(InputStream in, int bytes) throws IOException {
        Random random = new Random(bytes);
        byte[] piece = new byte[PIECE];
        for (int left = bytes; left > 0; left -= PIECE) {
            random.nextBytes(piece);
            int length = Math.min(left, PIECE);
            byte[] got = in.readNBytes(length);
            assertThat(got.length).as("bytes that came, %d from the end", left).isEqualTo(length);
            assertThat(java.util.Arrays.equals(got, 0, length, piece, 0, length))
                    .as("the bytes are those that were sent, %d from the end", left)
                    .isTrue();
        }
    }

    /** One small exchange. */
    public static void hello(Socket socket) throws IOException {
        socket.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
        assertThat(new String(socket.getInputStream().readNBytes(5), StandardCharsets.US_ASCII))
                .isEqualTo("hello");
    }
}
