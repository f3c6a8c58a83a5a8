// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.target.Target;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.concurrent.FutureListener;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The datagrams of one SOCKS client (RFC 1928 section 7), between the socket for the client and the socket for the
 * targets. Each target passes admission, and again after some seconds. On the event loop of the client's connection.
 * Datagrams are dropped instead of queued, as on a network.
 */
final class UdpAssociation {
    private static final Logger LOG = LoggerFactory.getLogger(UdpAssociation.class);
    private static final int TARGETS = 256;
    /** Maximum of queued datagrams for a target in name look-up. */
    private static final int WAITING = 16;

    private static final long ADMITTED_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final ListenerClient client;
    private final InetAddress peer;
    private final int peerPort;
    private final Channel inner;
    private final Channel outer;
    private InetSocketAddress sender;
    /** A connector that resolves names itself delivers only the answers of its own targets. */
    private boolean namesPassedOn;

    private static <K, V> Map<K, V> bounded() {
        return new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                return size() > TARGETS;
            }
        };
    }

    private final Map<String, Flow> flows = bounded();
    /** Targets of the client, while the filters allow them: only they may answer. */
    private final Map<InetAddress, Flow> spokenTo = bounded();

    /** A target as named by the client; without an address during admission and after a denial. */
    private final class Flow {
        private final Target target;
        private final long since = System.nanoTime();
        private final List<String> filters = client.connection().filters();
        private List<ByteBuf> waiting = new ArrayList<>();
        private InetSocketAddress address;
        private boolean decided;

        Flow(Target target) {
            this.target = target;
        }

        boolean isCurrent() {
            return System.nanoTime() - since <= ADMITTED_NANOS
                    && filters.equals(client.connection().filters());
        }

        /** Takes ownership. */
        void keep(ByteBuf data) {
            if (!decided && waiting.size() < WAITING) {
                waiting.add(data);
            } else {
                data.release();
            }
        }

        /** Transfers ownership of the queued datagrams to the first caller. */
        List<ByteBuf> take() {
            List<ByteBuf> taken = waiting;
            waiting = new ArrayList<>();
            decided = true;
            return taken;
        }

        void drop() {
            take().forEach(ByteBuf::release);
        }
    }

    /**
     * @param peer the client's address
     * @param peerPort the client's port; 0 to take the port of its first datagram
     * @param inner the socket for the client
     * @param outer the socket for the targets
     */
    UdpAssociation(ListenerClient client, InetAddress peer, int peerPort, Channel inner, Channel outer) {
        this.client = client;
        this.peer = peer;
        this.peerPort = peerPort;
        this.inner = inner;
        this.outer = outer;
    }

    void start() {
        inner.pipeline().addLast(new Receiver(this::fromClient));
        outer.pipeline().addLast(new Receiver(this::fromTarget));
        inner.config().setAutoRead(true);
        outer.config().setAutoRead(true);
    }

    void stop() {
        inner.close();
        outer.close();
        flows.values().forEach(Flow::drop);
        flows.clear();
    }

    private interface Taker {
        void take(DatagramPacket packet);
    }

    private static final class Receiver extends SimpleChannelInboundHandler<DatagramPacket> {
        private final Taker taker;

        Receiver(Taker taker) {
            this.taker = taker;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
            taker.take(packet);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable failure) {
            // For example a port without a listener: the next datagram may still arrive.
            LOG.debug("A datagram could not be sent", failure);
        }
    }

    private void fromClient(DatagramPacket packet) {
        InetSocketAddress from = packet.sender();
        if (sender == null ? from.getAddress().equals(peer) : from.equals(sender)) {
            SocksDatagram.readTarget(packet.content()).ifPresent(target -> {
                if (sender != null || isFirst(from, target)) {
                    sender = from;
                    send(target, packet.content());
                }
            });
        }
    }

    /**
     * Some clients name the target in the request where the protocol wants their own address: then the port is that
     * of the datagram's target.
     */
    private boolean isFirst(InetSocketAddress from, Target target) {
        return peerPort == 0 || peerPort == from.getPort() || peerPort == target.port();
    }

    private void send(Target target, ByteBuf data) {
        Flow flow = current(target);
        if (flow.address != null) {
            send(data.retain(), flow.address);
        } else {
            flow.keep(data.retain());
        }
    }

    /** Asks the filters if their last answer is too old or another one's. */
    private Flow current(Target target) {
        Flow flow = flows.get(target.toString());
        if (flow != null && flow.isCurrent()) {
            return flow;
        }
        Flow next = new Flow(target);
        Flow replaced = flows.put(target.toString(), next);
        if (replaced != null) {
            replaced.drop();
        }
        admit(next);
        return next;
    }

    private void admit(Flow flow) {
        client.connection().admit(flow.target).addListener((FutureListener<Target>) admitted -> {
            List<ByteBuf> waiting = flow.take();
            if (admitted.isSuccess() && outer.isOpen()) {
                flow.address = address(admitted.getNow());
                if (flow.address.isUnresolved()) {
                    namesPassedOn = true;
                } else {
                    spokenTo.put(flow.address.getAddress(), flow);
                }
                waiting.forEach(data -> send(data, flow.address));
            } else {
                LOG.debug("Datagrams refused", admitted.cause());
                waiting.forEach(ByteBuf::release);
                spokenTo.values().removeIf(earlier -> earlier.target.equals(flow.target));
            }
        });
    }

    private static InetSocketAddress address(Target admitted) {
        return admitted.addresses().isEmpty()
                ? InetSocketAddress.createUnresolved(admitted.host(), admitted.port())
                : new InetSocketAddress(admitted.addresses().get(0), admitted.port());
    }

    /** Takes ownership. */
    private void send(ByteBuf data, InetSocketAddress address) {
        if (outer.isWritable()) {
            outer.writeAndFlush(new DatagramPacket(data, address));
        } else {
            data.release();
        }
    }

    private void fromTarget(DatagramPacket packet) {
        Flow flow = spokenTo.get(packet.sender().getAddress());
        if (flow != null && !flow.isCurrent()) {
            // A client that only listens asks for nothing.
            current(flow.target);
        }
        if (sender != null
                && inner.isWritable()
                && (namesPassedOn || spokenTo.containsKey(packet.sender().getAddress()))) {
            ByteBuf header = SocksDatagram.header(inner.alloc(), packet.sender());
            ByteBuf all = Unpooled.wrappedBuffer(header, packet.content().retain());
            inner.writeAndFlush(new DatagramPacket(all, sender));
        }
    }
}
