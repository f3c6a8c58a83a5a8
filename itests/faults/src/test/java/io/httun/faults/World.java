// SPDX-License-Identifier: Apache-2.0
package io.httun.faults;

import static org.awaitility.Awaitility.await;

import io.httun.api.status.SessionStatus;
import io.httun.api.stream.StreamMultiplexer;
import io.httun.api.target.NameResolver;
import io.httun.client.ClientUnderTest;
import io.httun.protocol.KeyLife;
import io.httun.testpeers.ClientTiming;
import io.httun.testpeers.ServerTiming;
import io.httun.testpeers.StockClient;
import io.httun.testpeers.StockServer;
import io.httun.testrig.TunnelRig;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** The real engine, a server of ours on the standalone endpoint, targets, and any number of pairs. */
final class World implements Closeable {
    private static final int BYTES = 100_000;
    private static final int WARM_UPS = 20;

    /** Short, so that a run is; a server of ours waits 5 s for data, so every quiet r passes its time, on a busy machine more than once. */
    static final ClientUnderTest.Limits LIMITS = new ClientUnderTest.Limits(1000, 1000, 12_000, 1100);

    /** Milliseconds past all of {@link #LIMITS}. */
    static final long LATE = 1300;

    /** Milliseconds without a byte after which a transfer hangs. */
    static final int HANG = Integer.getInteger("httun.faults.hang", 35_000);

    private static final ClientTiming STOCK_CLIENT = ClientTiming.stock()
            .withWrite(Duration.ofMillis(LIMITS.write()))
            .withInit(Duration.ofMillis(LIMITS.read()))
            .withRead(Duration.ofMillis(6000));
    private static final ServerTiming STOCK_SERVER = ServerTiming.stock()
            .withIdleReply(Duration.ofMillis(300))
            .withTargetIdle(Duration.ofSeconds(30), Duration.ofMillis(500));

    /** A stock client gives up at its first slow answer, and a machine may be slow for a while. */
    private static final long STOCK_NANOS = Duration.ofSeconds(20).toNanos();

    private ClientUnderTest.Limits limits;
    private final ChannelRig channel = new ChannelRig();
    private final TunnelRig rig = channel.rig();
    private final ByteTarget strict = new ByteTarget(rig, true);
    private final ByteTarget ofStock = new ByteTarget(rig, true);
    private final ByteTarget lenient = new ByteTarget(rig, false);
    private final AtomicLong orders = new AtomicLong();
    /** Can be taken away and come back without its sessions. */
    private final OurServer ours = another();

    World() throws IOException {
        this(LIMITS);
    }

    /** @param limits of its clients of ours */
    World(ClientUnderTest.Limits limits) throws IOException {
        // The first key agreements of a JVM take longer than some limits allow where the machine is busy.
        this.limits = ChannelRig.USUAL;
        for (int i = 0; i < WARM_UPS; i++) {
            try (Pair pair = oursToOurs()) {
                await().atMost(Duration.ofMinutes(1))
                        .until(() -> pair.transfer(order(BYTES, BYTES, true)) == Outcome.WHOLE);
            }
        }
        this.limits = limits;
    }

    TunnelRig rig() {
        return rig;
    }

    ByteTarget strictTarget() {
        return strict;
    }

    ByteTarget ofStockTarget() {
        return ofStock;
    }

    ByteTarget lenientTarget() {
        return lenient;
    }

    Order order(int up, int down, boolean halfClose) {
        return new Order(orders.incrementAndGet(), up, down, halfClose);
    }

    /** In a pipe. */
    Pair oursToOurs() throws IOException {
        return new FromOurs(new FaultyRelay(ours.address()), strict, () -> {}, KeyLife.MAX_FRAMES, streams());
    }

    /** With a server of its own, whose keys protect few frames. */
    Pair oursToOurs(long keyFrames) throws IOException {
        OurServer own = another();
        return new FromOurs(new FaultyRelay(own.address()), strict, own, keyFrames, streams());
    }

    private StreamMultiplexer streams() {
        return channel.streams();
    }

    /**
     * Whether the next connection arrives whole. With a stock end it is one of the next: a copy of an init that a proxy sends
     * late ends a stock server's session, and a stock client gives up at its first slow answer.
     */
    boolean works(Pair pair, int bytes, boolean ours) {
        long since = System.nanoTime();
        boolean whole;
        do {
            whole = pair.transfer(order(bytes, bytes, ours)) == Outcome.WHOLE;
        } while (!whole && !ours && System.nanoTime() - since < STOCK_NANOS);
        return whole;
    }

    /** Ends every session of the server of ours, as it would by itself after {@code resume.seconds}. */
    void endSessions() {
        ours.server().sessions().forEach(session -> ours.server().end((SessionStatus) session));
    }

    /** A server that knows nothing of the first one's sessions. */
    OurServer another() {
        return channel.server(streams());
    }

    /** With a server that has a name. */
    Named named() throws IOException {
        return new Named(new FaultyRelay(ours.address()));
    }

    Pair oursToStock() throws IOException {
        StockServer stock = StockServer.builder()
                .channel(ChannelRig.CHANNEL, HexFormat.of().parseHex(ChannelRig.SECRET))
                .timing(STOCK_SERVER)
                // What it does to itself is not what is looked for here.
                .inOrder(true)
                .start();
        return new FromOurs(new FaultyRelay(stock.address()), lenient, stock::close, KeyLife.MAX_FRAMES, null);
    }

    Pair stockToOurs() throws IOException {
        return new FromStock(another());
    }

    /** Through a local port, as an application does. */
    private class FromOurs implements Pair {
        private final FaultyRelay relay;
        private final ByteTarget target;
        private final Closeable server;
        private final ClientUnderTest client;
        private final int port;

        FromOurs(FaultyRelay relay, ByteTarget target, Closeable server, long keyFrames, StreamMultiplexer streams) {
            this(relay, target, server, keyFrames, streams, "127.0.0.1", ChannelRig.NO_NAMES);
        }

        FromOurs(
                FaultyRelay relay,
                ByteTarget target,
                Closeable server,
                long keyFrames,
                StreamMultiplexer streams,
                String host,
                NameResolver resolver) {
            this.relay = relay;
            this.target = target;
            this.server = server;
            this.client = channel.client(
                    List.of("http://" + host + ":" + relay.port()), resolver, limits, keyFrames, () -> streams);
            synchronized (rig) {
                this.port = rig.local(client, "127.0.0.1:" + target.port());
            }
        }

        @Override
        public FaultyRelay relay() {
            return relay;
        }

        @Override
        public Outcome transfer(Order order) {
            return Transfer.run(port, order, HANG);
        }

        @Override
        public ByteTarget target() {
            return target;
        }

        @Override
        public String toString() {
            return client.toString();
        }

        @Override
        public void close() throws IOException {
            client.close();
            relay.close();
            server.close();
        }
    }

    final class Named extends FromOurs {
        private final AtomicReference<InetAddress> address;

        Named(FaultyRelay relay) {
            this(relay, new AtomicReference<>(InetAddress.getLoopbackAddress()));
        }

        private Named(FaultyRelay relay, AtomicReference<InetAddress> address) {
            super(
                    relay,
                    strict,
                    () -> {},
                    KeyLife.MAX_FRAMES,
                    streams(),
                    "server.test",
                    (host, executor) -> executor.newSucceededFuture(List.of(address.get())));
            this.address = address;
        }

        void name(InetAddress now) {
            address.set(now);
        }
    }

    /** In sessions, as a stock client has no way to tell its application anything. With a server of its own: it carries one client a channel. */
    private final class FromStock implements Pair {
        private final OurServer server;
        private final FaultyRelay relay;
        private final StockClient client;

        FromStock(OurServer server) throws IOException {
            this.server = server;
            this.relay = new FaultyRelay(server.address());
            this.client = StockClient.builder(
                            URI.create("http://127.0.0.1:" + relay.port()),
                            ChannelRig.CHANNEL,
                            HexFormat.of().parseHex(ChannelRig.SECRET))
                    .timing(STOCK_CLIENT)
                    .build();
        }

        @Override
        public FaultyRelay relay() {
            return relay;
        }

        @Override
        public Outcome transfer(Order order) {
            return StockTransfer.run(client, ofStock.address(), order, HANG);
        }

        @Override
        public ByteTarget target() {
            return ofStock;
        }

        @Override
        public void close() throws IOException {
            relay.close();
            server.close();
        }
    }

    @Override
    public void close() throws IOException {
        ours.close();
        channel.close();
    }
}
