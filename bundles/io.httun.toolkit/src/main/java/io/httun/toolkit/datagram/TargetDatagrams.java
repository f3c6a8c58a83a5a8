// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.datagram;

import io.httun.api.relay.EndCause;
import io.httun.api.relay.RelayConnection;
import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.Target;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Datagrams to and from one target, under the filters, the policy and the books of one connection. The filters are asked again every 10 s, and
 * the connection ends when they say no. On the event loop of the connection, whose end ends this.
 */
public final class TargetDatagrams {
    private static final Logger LOG = LoggerFactory.getLogger(TargetDatagrams.class);

    /** Datagrams kept until the target is there: a handshake of QUIC. */
    public static final int EARLY = 16;

    /** As often as the filters of a SOCKS association are asked. */
    public static final long CHECK_SECONDS = 10;

    /** Told on the event loop. */
    public interface Receiver {
        /** Datagrams may be sent from now on. */
        void opened(InetSocketAddress target);

        /** There will be none; that has been noted already. */
        void refused(Cause cause);

        /** From the target; ownership passes. */
        void received(ByteBuf datagram);

        /** Nothing more has arrived at the moment. */
        void receiveComplete();
    }

    private final RelayConnection connection;
    private final Channel client;
    private final Receiver receiver;
    private final List<ByteBuf> early = new ArrayList<>();
    private Target admitted;
    private InetSocketAddress address;
    private Channel way;
    private boolean stopped;
    private Future<?> check;

    /** @param client the connection's inbound channel */
    public TargetDatagrams(RelayConnection connection, Channel client, Receiver receiver) {
        this.connection = connection;
        this.client = client;
        this.receiver = receiver;
    }

    /** Asks the filters, then opens a way to the target. */
    public void open(Target wanted) {
        connection.wanted(wanted);
        client.closeFuture().addListener(closed -> stop());
        connection.admit(wanted).addListener((FutureListener<Target>) answer -> {
            if (!client.isOpen()) {
                return;
            }
            if (answer.isSuccess()) {
                admitted(answer.getNow());
            } else {
                Cause cause = answer.cause() instanceof RefusedException refusal ? refusal.refusal() : Cause.FAILED;
                connection.refuse(
                        EndCause.of(cause), String.valueOf(answer.cause().getMessage()));
                receiver.refused(cause);
            }
        });
    }

    private void admitted(Target target) {
        List<InetAddress> addresses = target.addresses();
        admitted = addresses.isEmpty() ? target : target.withAddresses(List.of(addresses.get(0)));
        address = addresses.isEmpty()
                ? InetSocketAddress.createUnresolved(target.host(), target.port())
                : new InetSocketAddress(addresses.get(0), target.port());
        connection.openDatagrams(new RelayConnection.Opening() {
            @Override
            public void opened(Channel target) {
                start(target);
            }

            @Override
            public void refused(Cause cause) {
                receiver.refused(cause);
            }
        });
    }

    private void start(Channel target) {
        way = target;
        check = client.eventLoop().scheduleWithFixedDelay(this::check, CHECK_SECONDS, CHECK_SECONDS, TimeUnit.SECONDS);
        target.closeFuture().addListener(closed -> client.close());
        target.pipeline().addLast(new FromTarget());
        receiver.opened(address);
        early.forEach(this::send);
        early.clear();
        flush();
        target.config().setAutoRead(true);
    }

    private void check() {
        connection.admit(admitted).addListener(answer -> {
            if (!answer.isSuccess()) {
                connection.end(EndCause.DENIED, "the filters no longer allow it");
            }
        });
    }

    /** Sends or loses a datagram; the first ones wait for the target. Ownership passes, and {@link #flush} follows. */
    public void send(ByteBuf datagram) {
        if (way != null && way.isWritable()) {
            way.write(new DatagramPacket(datagram, address), way.voidPromise());
        } else if (way == null && !stopped && early.size() < EARLY) {
            early.add(datagram);
        } else {
            datagram.release();
        }
    }

    public void flush() {
        if (way != null) {
            way.flush();
        }
    }

    private void stop() {
        stopped = true;
        early.forEach(ByteBuf::release);
        early.clear();
        if (way != null) {
            check.cancel(false);
            way.close();
        }
    }

    private final class FromTarget extends SimpleChannelInboundHandler<DatagramPacket> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
            if (address.isUnresolved() || address.equals(packet.sender())) {
                receiver.received(packet.content().retain());
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            receiver.receiveComplete();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable failure) {
            // Such as a closed port: the next datagram may arrive.
            LOG.debug("A datagram was lost", failure);
        }
    }
}
