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
 * Datagrams of one SOCKS client (RFC 1928 section 7), between the socket that it sends to and the one that targets see. Each
 * target passes the gate, and again after some seconds. Everything happens on the event loop of the client's connection;
 * datagrams are dropped rather than kept, as the network would.
 */
final class UdpAssociation {
    private static final Logger LOG = LoggerFactory.getLogger(UdpAssociation.class);
    private static final int TARGETS = 256;
    /** Of datagrams for a target whose name is being looked up. */
    private static final int WAITING = 16;

    private static final long ADMITTED_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Client client;
    private final InetAddress peer;
    private final int peerPort;
    private final Channel inner;
    private final Channel outer;
    private InetSocketAddress sender;

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
    /** Whom the client has sent to: others have nothing to say to it. */
    private final Map<InetAddress, Boolean> spokenTo = bounded();

    /** A target as the client names it; without an address while it is being checked, and for good where it is denied. */
    private static final class Flow {
        private final long since = System.nanoTime();
        private final List<ByteBuf> waiting = new ArrayList<>();
        private InetSocketAddress address;
        private boolean decided;
    }

    /**
     * @param peer where the client's datagrams must come from
     * @param peerPort the same; 0 for the port of the first one
     * @param inner the socket that the client sends to
     * @param outer the one that targets see
     */
    UdpAssociation(Client client, InetAddress peer, int peerPort, Channel inner, Channel outer) {
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
        flows.values().forEach(flow -> flow.waiting.forEach(ByteBuf::release));
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
            // Such as a port that nobody listens on: the next datagram may well arrive.
            LOG.debug("A datagram was lost", failure);
        }
    }

    private void fromClient(DatagramPacket packet) {
        InetSocketAddress from = packet.sender();
        boolean known = sender == null
                ? from.getAddress().equals(peer) && (peerPort == 0 || peerPort == from.getPort())
                : from.equals(sender);
        if (!known) {
            return;
        }
        sender = from;
        SocksDatagram.readTarget(packet.content()).ifPresent(target -> send(target, packet.content()));
    }

    private void send(Target target, ByteBuf data) {
        Flow flow = flows.get(target.toString());
        if (flow == null || System.nanoTime() - flow.since > ADMITTED_NANOS) {
            flow = new Flow();
            Flow replaced = flows.put(target.toString(), flow);
            if (replaced != null) {
                replaced.waiting.forEach(ByteBuf::release);
                replaced.waiting.clear();
            }
            admit(target, flow);
        }
        if (flow.address != null) {
            send(data.retain(), flow.address);
        } else if (!flow.decided && flow.waiting.size() < WAITING) {
            flow.waiting.add(data.retain());
        }
    }

    private void admit(Target target, Flow flow) {
        client.parts()
                .admission()
                .admit(target, client.settings().relay().filters(), true, outer.eventLoop())
                .addListener((FutureListener<Target>) admitted -> {
                    flow.decided = true;
                    if (admitted.isSuccess() && outer.isOpen()) {
                        InetAddress address = admitted.getNow().addresses().get(0);
                        flow.address = new InetSocketAddress(address, target.port());
                        spokenTo.put(address, true);
                        flow.waiting.forEach(data -> send(data, flow.address));
                    } else {
                        LOG.debug("Datagrams refused", admitted.cause());
                        flow.waiting.forEach(ByteBuf::release);
                    }
                    flow.waiting.clear();
                });
    }

    private void send(ByteBuf data, InetSocketAddress address) {
        outer.writeAndFlush(new DatagramPacket(data, address));
    }

    private void fromTarget(DatagramPacket packet) {
        if (sender != null
                && inner.isWritable()
                && spokenTo.containsKey(packet.sender().getAddress())) {
            ByteBuf header = SocksDatagram.header(inner.alloc(), packet.sender());
            ByteBuf all = Unpooled.wrappedBuffer(header, packet.content().retain());
            inner.writeAndFlush(new DatagramPacket(all, sender));
        }
    }
}
