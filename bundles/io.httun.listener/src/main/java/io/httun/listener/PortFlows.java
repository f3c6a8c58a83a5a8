// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.relay.EndCause;
import io.httun.api.relay.RelayConnection;
import io.httun.api.relay.RelayOrigin;
import io.httun.api.target.RefusedException.Cause;
import io.httun.listener.ListenerSettings.DatagramFlows;
import io.httun.toolkit.datagram.CarriedDatagrams;
import io.httun.toolkit.datagram.TargetDatagrams;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The datagrams of one UDP port. Each source has a connection of its own in accounting, until it is idle for too
 * long. On one event loop.
 */
final class PortFlows extends SimpleChannelInboundHandler<DatagramPacket> {
    private static final Logger LOG = LoggerFactory.getLogger(PortFlows.class);

    /** Pause before the target is requested again after a refusal, so that a burst causes one request only. */
    private static final int REFUSED_SECONDS = 1;

    private static final int CHECKS = 4;

    private final RelayOrigin origin;
    private DatagramFlows settings;
    private final Map<InetSocketAddress, Flow> flows = new HashMap<>();
    private final Set<Flow> unflushed = new HashSet<>();
    private volatile Channel port;
    private Future<?> check;

    PortFlows(RelayOrigin origin, DatagramFlows settings) {
        this.origin = origin;
        this.settings = settings;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        port = ctx.channel();
        startChecks();
    }

    private void startChecks() {
        long millis = TimeUnit.SECONDS.toMillis(settings.idleSeconds()) / CHECKS;
        check = port.eventLoop().scheduleWithFixedDelay(this::endIdle, millis, millis, TimeUnit.MILLISECONDS);
    }

    /** The next datagrams go to another target, or end after another time; the flows that there are end. Any thread. */
    void change(DatagramFlows next) {
        port.eventLoop().execute(() -> {
            settings = next;
            if (port.isActive()) {
                check.cancel(false);
                startChecks();
                List.copyOf(flows.values()).forEach(Flow::close);
            }
        });
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (check != null) {
            check.cancel(false);
        }
        List.copyOf(flows.values()).forEach(Flow::close);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
        Flow flow = flows.get(packet.sender());
        if (flow == null) {
            Flow begun = new Flow(packet.sender());
            if (!begun.start()) {
                return;
            }
            flow = begun;
        }
        flow.send(packet.content().retain());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        unflushed.forEach(flow -> flow.target.flush());
        unflushed.clear();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable failure) {
        // For example a source that no longer listens; other sources continue.
        LOG.debug("A datagram could not be sent", failure);
    }

    private void endIdle() {
        flows.values().stream().filter(Flow::isIdle).toList().forEach(Flow::close);
    }

    /** The flow of one source. */
    private final class Flow implements TargetDatagrams.Receiver, CarriedDatagrams.Carrier {
        private final InetSocketAddress source;
        /** Represents the source in the relay engine. */
        private final CarriedDatagrams client = new CarriedDatagrams(this);

        private RelayConnection connection;
        private TargetDatagrams target;
        private long since = now();

        Flow(InetSocketAddress source) {
            this.source = source;
        }

        /** Starts the flow; returns false if a limit refuses it. */
        boolean start() {
            port.eventLoop().register(client);
            Optional<RelayConnection> accepted = origin.accept(client, NetUtil.toAddressString(source.getAddress()));
            if (accepted.isEmpty()) {
                client.close();
                return false;
            }
            flows.put(source, this);
            connection = accepted.get();
            target = new TargetDatagrams(connection, client, this);
            target.open(settings.target());
            return true;
        }

        private long now() {
            return port.eventLoop().ticker().nanoTime();
        }

        boolean isIdle() {
            return now() - since >= TimeUnit.SECONDS.toNanos(settings.idleSeconds());
        }

        void close() {
            client.close();
        }

        void send(ByteBuf datagram) {
            since = now();
            target.send(datagram);
            unflushed.add(this);
        }

        @Override
        public void opened(InetSocketAddress address) {
            if (leadsBack(address)) {
                connection.end(EndCause.DENIED, ListenerClient.LOOP);
            }
        }

        private boolean leadsBack(InetSocketAddress address) {
            InetSocketAddress own = (InetSocketAddress) port.localAddress();
            InetAddress there = address.getAddress();
            return there != null
                    && address.getPort() == own.getPort()
                    && (there.isAnyLocalAddress()
                            || there.equals(own.getAddress())
                            || own.getAddress().isAnyLocalAddress() && there.isLoopbackAddress());
        }

        @Override
        public void refused(Cause cause) {
            port.eventLoop().schedule(() -> client.close(), REFUSED_SECONDS, TimeUnit.SECONDS);
        }

        @Override
        public void received(ByteBuf datagram) {
            since = now();
            if (port.isWritable()) {
                port.write(new DatagramPacket(datagram, source), port.voidPromise());
            } else {
                datagram.release();
            }
        }

        @Override
        public void receiveComplete() {
            port.flush();
        }

        @Override
        public void send(DatagramPacket packet) {
            packet.release();
        }

        @Override
        public void flush() {
            // The target's datagrams go straight to the port; nothing is written to this channel.
        }

        @Override
        public void closed() {
            flows.remove(source, this);
            unflushed.remove(this);
        }
    }
}
