// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.channel.Channel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass
@ValueSource(strings = {"epoll", "nio"})
class RelayTest {
    private static final int BULK = 32 << 20;

    @Parameter
    String transport;

    private ListenerRig rig;

    @BeforeEach
    void start() {
        rig = new ListenerRig(transport);
    }

    @AfterEach
    void end() throws IOException {
        rig.close();
    }

    /** Sends the given number of bytes and returns their digest. */
    private static String send(OutputStream out, int bytes, long seed) throws IOException {
        MessageDigest digest = sha256();
        Random random = new Random(seed);
        byte[] block = new byte[50_000];
        for (int sent = 0; sent < bytes; sent += block.length) {
            random.nextBytes(block);
            int length = Math.min(block.length, bytes - sent);
            digest.update(block, 0, length);
            out.write(block, 0, length);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static String receive(InputStream in) throws IOException {
        MessageDigest digest = sha256();
        byte[] block = new byte[70_000];
        for (int length = in.read(block); length >= 0; length = in.read(block)) {
            digest.update(block, 0, length);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void carriesBulkBothWaysAtOnce() throws Exception {
        CompletableFuture<String> sentByTarget = new CompletableFuture<>();
        CompletableFuture<String> gotByTarget = new CompletableFuture<>();
        LocalListener listener = rig.port(rig.target(socket -> {
            Thread sender = ListenerRig.daemon(() -> {
                sentByTarget.complete(send(socket.getOutputStream(), BULK, 1));
                socket.shutdownOutput();
            });
            gotByTarget.complete(receive(socket.getInputStream()));
            join(sender);
        }));
        try (Socket socket = ListenerRig.dial(listener)) {
            CompletableFuture<String> sent = new CompletableFuture<>();
            ListenerRig.daemon(() -> {
                sent.complete(send(socket.getOutputStream(), BULK, 2));
                socket.shutdownOutput();
            });
            assertThat(receive(socket.getInputStream())).isEqualTo(sentByTarget.get());
            assertThat(gotByTarget.get()).isEqualTo(sent.get());
        }
        assertThat(ListenerRig.lastCause(listener)).isEqualTo("closed");
        assertThat(listener.origin().closedConnections().get(0).bytesToTarget()).isEqualTo(BULK);
        assertThat(listener.origin().closedConnections().get(0).bytesFromTarget())
                .isEqualTo(BULK);
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The answer is larger than any socket buffer: it is written long after the end of the client's output. */
    @Test
    void answersAClientThatHasEndedItsOutput() throws Exception {
        CompletableFuture<String> sent = new CompletableFuture<>();
        LocalListener listener = rig.port(rig.target(socket -> {
            byte[] request = socket.getInputStream().readAllBytes();
            assertThat(request).hasSize(7);
            sent.complete(send(socket.getOutputStream(), BULK, 3));
        }));
        try (Socket socket = ListenerRig.dial(listener)) {
            socket.getOutputStream().write(new byte[7]);
            socket.shutdownOutput();
            await().until(() -> listener.origin().connections().get(0).bytesFromTarget() > 1 << 20);
            assertThat(receive(socket.getInputStream())).isEqualTo(sent.get());
        }
        assertThat(ListenerRig.lastCause(listener)).isEqualTo("closed");
    }

    @Test
    void letsAClientSendAfterTheTargetHasEndedItsOutput() throws Exception {
        CompletableFuture<String> got = new CompletableFuture<>();
        LocalListener listener = rig.port(rig.target(socket -> {
            socket.shutdownOutput();
            got.complete(receive(socket.getInputStream()));
        }));
        try (Socket socket = ListenerRig.dial(listener)) {
            assertThat(socket.getInputStream().read()).isNegative();
            String sent = send(socket.getOutputStream(), BULK, 4);
            socket.shutdownOutput();
            assertThat(got.get()).isEqualTo(sent);
        }
    }

    @Test
    void passesAResetOnAsAReset() throws Exception {
        CountDownLatch relayed = new CountDownLatch(1);
        LocalListener listener = rig.port(rig.target(socket -> {
            socket.getOutputStream().write(1);
            hold(relayed);
            socket.setSoLinger(true, 0);
        }));
        try (Socket socket = ListenerRig.dial(listener)) {
            assertThat(socket.getInputStream().read()).isEqualTo(1);
            relayed.countDown();
            assertThatThrownBy(() -> socket.getInputStream().read())
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
        }
        assertThat(ListenerRig.lastCause(listener))
                .contains("the target's side failed")
                .contains("reset");
    }

    @Test
    void passesTheClientsResetOn() throws Exception {
        CompletableFuture<String> seen = new CompletableFuture<>();
        LocalListener listener = rig.port(rig.target(socket -> {
            try {
                socket.getOutputStream().write(1);
                seen.complete("end " + socket.getInputStream().read());
            } catch (SocketException e) {
                seen.complete(e.getMessage());
            }
        }));
        try (Socket socket = ListenerRig.dial(listener)) {
            assertThat(socket.getInputStream().read()).isEqualTo(1);
            socket.setSoLinger(true, 0);
        }
        assertThat(seen.get()).contains("reset");
    }

    private static void hold(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void doesNotReadATargetWhoseClientDoesNot() throws Exception {
        AtomicLong sent = new AtomicLong();
        LocalListener listener = rig.port(rig.target(socket -> {
            byte[] block = new byte[1 << 16];
            while (true) {
                socket.getOutputStream().write(block);
                sent.addAndGet(block.length);
            }
        }));
        try (Socket socket = ListenerRig.dial(listener)) {
            AtomicLong before = new AtomicLong(-1);
            await().pollDelay(Duration.ofMillis(300))
                    .pollInterval(Duration.ofMillis(300))
                    .until(() -> before.getAndSet(sent.get()) == sent.get() && sent.get() > 0);
            // Two pairs of kernel socket buffers, and little memory of ours.
            assertThat(sent.get()).isLessThan(32 << 20);
            assertThat(listener.origin().connections().get(0).bytesFromTarget()).isLessThan(sent.get() + 1);
            long stuckAt = sent.get();
            socket.getInputStream().skipNBytes(stuckAt);
            await().until(() -> sent.get() > stuckAt);
        }
    }

    /** Like the channel of a stock tunnel, which has no half-close. */
    @Test
    void deliversEverythingWhenTheTargetsChannelEndsAndCloses() throws Exception {
        AtomicReference<Channel> made = new AtomicReference<>();
        rig.connector = rig.watching(made::set);
        CountDownLatch never = new CountDownLatch(1);
        LocalListener listener = rig.port(rig.target(socket -> {
            send(socket.getOutputStream(), 1 << 20, 5);
            hold(never);
        }));
        try (Socket socket = ListenerRig.dial(listener)) {
            await().until(() -> !listener.origin().connections().isEmpty()
                    && listener.origin().connections().get(0).bytesFromTarget() == 1 << 20);
            made.get().eventLoop().execute(() -> {
                made.get().pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
                made.get().close();
            });
            assertThat(socket.getInputStream().readAllBytes()).hasSize(1 << 20);
        }
        assertThat(ListenerRig.lastCause(listener)).isEqualTo("closed");
    }

    @Test
    void resetsTheClientWhenTheTargetsChannelJustGoes() throws Exception {
        AtomicReference<Channel> made = new AtomicReference<>();
        rig.connector = rig.watching(made::set);
        LocalListener listener = rig.port(rig.echo());
        try (Socket socket = ListenerRig.dial(listener)) {
            await().until(() -> made.get() != null);
            socket.getOutputStream().write(1);
            assertThat(socket.getInputStream().read()).isEqualTo(1);
            made.get().close();
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketException.class);
        }
        assertThat(ListenerRig.lastCause(listener)).isEqualTo("the target broke the connection");
    }

    @Test
    void carriesManyConnectionsAtOnce() throws Exception {
        LocalListener listener = rig.port(rig.echo());
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < 200; i++) {
                Socket socket = ListenerRig.dial(listener);
                sockets.add(socket);
                socket.getOutputStream().write(new byte[] {(byte) i, 1, 2});
            }
            for (int i = 0; i < 200; i++) {
                assertThat(sockets.get(i).getInputStream().readNBytes(3)).containsExactly((byte) i, 1, 2);
            }
            assertThat(listener.origin().connections()).hasSize(200);
            assertThat(listener.status().connections()).isEqualTo(200);
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
        await().until(() -> listener.origin().connections().isEmpty());
        assertThat(listener.origin().closedConnections()).hasSize(200);
    }

    @Test
    void endsAnIdleConnection() throws Exception {
        LocalListener listener = rig.port(rig.echo(), "policy", "idle=1s");
        try (Socket socket = ListenerRig.dial(listener)) {
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketException.class);
        }
        assertThat(ListenerRig.lastCause(listener)).isEqualTo("idle for 1 s");
    }

    @Test
    void endsAnIdleConnectionThatIsHalfClosed() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        int silent = rig.target(socket -> {
            socket.getInputStream().readAllBytes();
            awaitUninterruptibly(over);
        });
        LocalListener listener = rig.port(silent, "policy", "idle=1s");
        try (Socket socket = ListenerRig.dial(listener)) {
            socket.shutdownOutput();
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketException.class);
        } finally {
            over.countDown();
        }
        assertThat(ListenerRig.lastCause(listener)).isEqualTo("idle for 1 s");
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void resetsWhatItCannotConnect() throws Exception {
        int closed = rig.echo();
        rig.connector = null;
        LocalListener listener = rig.port(closed);
        assertThatThrownBy(() -> {
                    try (Socket socket = ListenerRig.dial(listener)) {
                        socket.getInputStream().read();
                    }
                })
                .isInstanceOf(SocketException.class);
        assertThat(ListenerRig.lastCause(listener)).isEqualTo("the connector is not available");
    }
}
