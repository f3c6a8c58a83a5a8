// SPDX-License-Identifier: Apache-2.0
package io.httun.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.httun.api.status.SessionStatus;
import io.httun.api.stream.StreamMultiplexer;
import io.httun.client.ClientUnderTest;
import io.httun.faults.Plan.Injection;
import io.httun.faults.Plan.Kind;
import io.httun.streams.Http2Multiplexer;
import io.httun.testrig.TunnelRig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The bundle of streams is replaced under load, at either end: the pipes stay, and only what runs in them is reset. */
@Timeout(120)
class StreamsSwapTest {
    private static final int HANG = 35_000;

    /** More than moves before the swap. */
    private static final int ENDLESS = 1 << 30;

    private static final int TRANSFERS = 8;
    private static final Duration LONG = Duration.ofSeconds(30);

    private final ChannelRig channel = new ChannelRig();
    private final AtomicReference<StreamMultiplexer> atClient = new AtomicReference<>();
    private final AtomicInteger inits = new AtomicInteger();
    private final AtomicInteger orders = new AtomicInteger();
    private final ExecutorService applications = Executors.newCachedThreadPool();
    private Http2Multiplexer client = channel.streams();
    private Http2Multiplexer served = channel.streams();
    private final OurServer server = channel.server(served);
    private FaultyRelay relay;
    private ByteTarget target;
    private ClientUnderTest tunnel;
    private int port;

    @BeforeEach
    void start() throws IOException {
        relay = new FaultyRelay(server.address());
        relay.plan(kind -> {
            inits.addAndGet(kind == Kind.INIT ? 1 : 0);
            return Injection.NONE;
        });
        target = new ByteTarget(channel.rig(), true);
        atClient.set(client);
        tunnel = channel.client("http://127.0.0.1:" + relay.port(), atClient::get);
        port = channel.rig().local(tunnel, "127.0.0.1:" + target.port());
    }

    @AfterEach
    void stop() throws IOException {
        applications.shutdownNow();
        tunnel.close();
        relay.close();
        server.close();
        channel.close();
    }

    private CompletableFuture<Outcome> transfer(int up, int down) {
        Order order = new Order(orders.incrementAndGet(), up, down, true);
        return CompletableFuture.supplyAsync(() -> Transfer.run(port, order, HANG), applications);
    }

    /** Transfers that go on for ever, on all event loops, in both directions. */
    private List<CompletableFuture<Outcome>> load() {
        List<CompletableFuture<Outcome>> transfers = new ArrayList<>();
        for (int i = 0; i < TRANSFERS; i++) {
            transfers.add(i % 2 == 0 ? transfer(ENDLESS, 0) : transfer(0, ENDLESS));
        }
        await().atMost(LONG).until(() -> target.open() == TRANSFERS);
        long before = bytes();
        await("bytes that flow").atMost(LONG).until(() -> bytes() > before + (1 << 20));
        return transfers;
    }

    private long bytes() {
        return tunnel.sessions().stream()
                .mapToLong(session -> session.bytesIn() + session.bytesOut())
                .sum();
    }

    private void assertReset(List<CompletableFuture<Outcome>> transfers) {
        assertThat(transfers).allSatisfy(each -> assertThat(each.join()).isEqualTo(Outcome.RESET));
        await("the targets").atMost(LONG).until(() -> target.open() == 0);
        assertThat(target.wrong()).isEmpty();
    }

    private Set<String> sessions() {
        return Stream.concat(tunnel.sessions().stream(), server.server().sessions().stream())
                .map(session -> ((SessionStatus) session).id())
                .collect(Collectors.toSet());
    }

    /** As the framework does it: the new one is there before the old one stops, or a while later. */
    private void replaceAtClient() {
        Http2Multiplexer old = client;
        client = channel.streams();
        atClient.set(client);
        old.stop();
    }

    private void replaceAtServer() {
        Http2Multiplexer old = served;
        served = channel.streams();
        server.server().streams(served);
        old.stop();
    }

    private void swap(Runnable replace) {
        List<CompletableFuture<Outcome>> transfers = load();
        Set<String> before = sessions();
        int initsBefore = inits.get();
        replace.run();
        assertReset(transfers);
        for (int i = 0; i < TRANSFERS; i++) {
            assertThat(transfer(100_000, 100_000).join()).as(tunnel.toString()).isEqualTo(Outcome.WHOLE);
        }
        assertThat(sessions()).as("the pipes' sessions").isEqualTo(before);
        assertThat(inits).hasValue(initsBefore);
    }

    @Test
    void atTheClient() {
        swap(this::replaceAtClient);
    }

    @Test
    void atTheServer() {
        swap(this::replaceAtServer);
    }

    @Test
    void atBothEndsAgainAndAgain() {
        for (int i = 0; i < 3; i++) {
            swap(() -> {
                replaceAtClient();
                replaceAtServer();
            });
        }
    }

    @Test
    void whileItIsMissingAtTheServerConnectionsAreRefused() {
        refusedMeanwhile(
                () -> {
                    server.server().streams(null);
                    served.stop();
                },
                () -> {
                    served = channel.streams();
                    server.server().streams(served);
                });
    }

    /** In sessions of the stock wire their targets would take a reset for an end. */
    @Test
    void whileItIsMissingAtTheClientConnectionsAreRefused() {
        refusedMeanwhile(
                () -> {
                    atClient.set(null);
                    client.stop();
                },
                () -> {
                    client = channel.streams();
                    atClient.set(client);
                });
    }

    /** It has not asked the server yet whether there are pipes. */
    @Test
    void aClientThatStartsWithoutItRefusesToo() throws IOException {
        atClient.set(null);
        assertRefused();
        atClient.set(client);
        assertThat(transfer(100_000, 100_000).join()).as(tunnel.toString()).isEqualTo(Outcome.WHOLE);
    }

    private void assertRefused() throws IOException {
        try (Socket socket = TunnelRig.dial(port)) {
            assertThat(readsReset(socket)).isTrue();
        }
    }

    private void refusedMeanwhile(Runnable stop, Runnable start) {
        List<CompletableFuture<Outcome>> transfers = load();
        Set<String> before = sessions();
        int initsBefore = inits.get();
        stop.run();
        assertReset(transfers);
        for (int i = 0; i < TRANSFERS; i++) {
            try {
                assertRefused();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        start.run();
        assertThat(transfer(100_000, 100_000).join()).as(tunnel.toString()).isEqualTo(Outcome.WHOLE);
        assertThat(sessions()).isEqualTo(before);
        assertThat(inits).hasValue(initsBefore);
    }

    private static boolean readsReset(Socket socket) {
        try {
            socket.getInputStream().read();
            return false;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }
}
