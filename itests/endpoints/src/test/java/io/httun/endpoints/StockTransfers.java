// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoints;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.crypto.jca.JcaFrameCipher;
import io.httun.crypto.jca.JcaKeyAgreement;
import io.httun.testpeers.Flood;
import io.httun.testpeers.StockClient;
import io.httun.testpeers.StockSocketMode;
import io.httun.testpeers.StockTestMode;
import io.httun.testrig.Logged;
import io.httun.testrig.ServerUnderTest;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocatorMetric;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** A stock client's bytes through an endpoint. */
abstract class StockTransfers extends EndpointRig {
    private static final String SECRET = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    /** Echoes a length and as many bytes. */
    static final class Echo implements AutoCloseable {
        private final ServerSocket listener = listen();

        Echo() {
            Thread thread = new Thread(this::accept, "echo");
            thread.setDaemon(true);
            thread.start();
        }

        private static ServerSocket listen() {
            try {
                return new ServerSocket(0, 9, InetAddress.getLoopbackAddress());
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }

        private void accept() {
            while (!listener.isClosed()) {
                try (Socket socket = listener.accept()) {
                    DataInputStream in = new DataInputStream(socket.getInputStream());
                    byte[] bytes = in.readNBytes(in.readInt());
                    socket.getOutputStream().write(bytes);
                    in.read();
                } catch (IOException e) {
                    assertThat(e).isNotNull();
                }
            }
        }

        InetSocketAddress address() {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), listener.getLocalPort());
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }

    private StockClient stock() throws IOException {
        return StockClient.builder(URI.create(base), 7, HexFormat.of().parseHex(SECRET))
                .build();
    }

    @Test
    void aStockClientLosesNoByteAndWaitsAsLongAsItLikes() throws Exception {
        byte[] bytes = bytes(4 * MIB);
        try (Echo echo = new Echo();
                ServerUnderTest server =
                        new ServerUnderTest(loops, new JcaFrameCipher(), new JcaKeyAgreement(), 7, SECRET)) {
            endpoint.serve(server.service());
            StockClient stock = stock();
            try (StockTestMode mode = stock.test(Duration.ofMillis(1))) {
                await().atMost(LIMIT).until(() -> mode.pongs() >= 20 || mode.sawWrongPong());
                assertThat(mode.sawWrongPong()).isFalse();
                assertThat(mode.lastFailure()).isEmpty();
            }
            try (StockSocketMode mode = stock.socket(echo.address());
                    Socket socket = new Socket(InetAddress.getLoopbackAddress(), mode.localPort())) {
                DataOutputStream out = new DataOutputStream(socket.getOutputStream());
                out.writeInt(bytes.length);
                out.write(bytes, 0, MIB);
                // Longer than any r waits: at least one 408 comes on the way.
                long idle = System.nanoTime();
                await().pollDelay(Duration.ofMillis(5500)).until(() -> System.nanoTime() - idle > 0);
                out.write(bytes, MIB, bytes.length - MIB);
                out.flush();
                assertThat(socket.getInputStream().readNBytes(bytes.length)).isEqualTo(bytes);
                assertThat(mode.lastFailure()).isEmpty();
            }
        }
    }

    /**
     * Strangers' garbage harms no transfer and fills neither log nor memory. How much slower it is, is measured by
     * {@code benchmarks/run --attacks}. Once for each endpoint: what web servers do with garbage is theirs.
     */
    void flood() throws Exception {
        byte[] bytes = bytes(4 * MIB);
        String log = Logged.by(() -> {
            try (Echo echo = new Echo();
                    ServerUnderTest server =
                            new ServerUnderTest(loops, new JcaFrameCipher(), new JcaKeyAgreement(), 7, SECRET)) {
                endpoint.serve(server.service());
                StockClient stock = stock();
                try (StockSocketMode mode = stock.socket(echo.address());
                        Socket socket = new Socket(InetAddress.getLoopbackAddress(), mode.localPort())) {
                    // A stock session that ends on a busy machine says nothing.
                    socket.setSoTimeout((int) LIMIT.toMillis());
                    DataOutputStream out = new DataOutputStream(socket.getOutputStream());
                    out.writeInt(bytes.length);
                    out.write(bytes, 0, MIB);
                    try (Flood flood = new Flood(base)) {
                        await().atMost(LIMIT).until(() -> flood.sent() > 600);
                        out.write(bytes, MIB, bytes.length - MIB);
                        assertThat(socket.getInputStream().readNBytes(bytes.length))
                                .isEqualTo(bytes);
                        await().atMost(LIMIT).until(() -> flood.sent() > 1000);
                    }
                    assertThat(mode.lastFailure()).isEmpty();
                }
                await().atMost(LIMIT).until(() -> endpoint.waiting() == 0);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        // A line per cause and second, over the minute that the whole of it may take.
        assertThat(log.lines().filter(line -> line.contains("io.httun")).count())
                .isLessThan(1000);
        PooledByteBufAllocatorMetric memory = PooledByteBufAllocator.DEFAULT.metric();
        assertThat(memory.usedHeapMemory() + memory.usedDirectMemory()).isLessThan(128L * MIB);
    }
}
