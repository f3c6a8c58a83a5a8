// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.relay.RelayOrigin;
import io.httun.api.tunnel.EventLoops;
import io.httun.listener.ListenerSettings.DatagramFlows;
import io.httun.toolkit.listen.ListenAddress;
import io.httun.toolkit.listen.ListeningPort.Wanted;
import io.httun.toolkit.listen.ListeningSocket;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A UDP port whose datagrams go to one target. A failed bind is retried. A changed address is bound before the former one is closed, and
 * a failure keeps the former one open. Thread-safe.
 */
final class DatagramPort {
    private static final Logger LOG = LoggerFactory.getLogger(DatagramPort.class);
    private static final int RETRY_SECONDS = 5;
    private static final int CLOSE_SECONDS = 2;
    private static final int MAX_DATAGRAM = 0xffff;

    private final String user;
    private final EventLoops loops;
    private final RelayOrigin origin;
    private int generation;
    private Channel bound;
    /** What the bound channel was opened for. */
    private InetSocketAddress boundFor;

    private volatile String address = "";
    private volatile String state = "closed";

    /** @param user owner of the port in log lines, such as {@code Listener web} */
    DatagramPort(String user, EventLoops loops, RelayOrigin origin) {
        this.user = user;
        this.loops = loops;
        this.origin = origin;
    }

    /**
     * Listens there, and ends the flows that there are. May wait for the former socket, where both cannot be open together; must not be
     * called on an event loop.
     */
    synchronized void open(Wanted wanted, DatagramFlows flows) {
        generation++;
        if (bound != null && wanted.address().equals(boundFor)) {
            state = "listening";
            bound.pipeline().get(PortFlows.class).change(flows);
            return;
        } else if (bound != null && ListenAddress.clash((InetSocketAddress) bound.localAddress(), wanted.address())) {
            closeSocket();
        }
        if (bound == null) {
            address = ListenAddress.text(wanted.address());
            state = "starting";
        }
        bind(generation, wanted, flows, true);
    }

    private synchronized void bind(int mine, Wanted wanted, DatagramFlows flows, boolean first) {
        if (mine == generation) {
            new Bootstrap()
                    .group(loops.group().next())
                    .channel(loops.datagramChannel())
                    .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(MAX_DATAGRAM))
                    .handler(new PortFlows(origin, flows))
                    .bind(wanted.address())
                    .addListener((ChannelFutureListener) end -> bound(mine, wanted, flows, first, end));
        }
    }

    private synchronized void bound(int mine, Wanted wanted, DatagramFlows flows, boolean first, ChannelFuture end) {
        if (mine != generation) {
            end.channel().close();
        } else if (end.isSuccess()) {
            if (bound != null) {
                bound.close();
            }
            bound = end.channel();
            boundFor = wanted.address();
            address = ListenAddress.text((InetSocketAddress) bound.localAddress());
            state = "listening";
            LOG.info("{} receives datagrams on {}", user, address);
        } else {
            String there = ListenAddress.text(wanted.address());
            String why = ListeningSocket.why(end.cause());
            state = bound == null ? "not listening: " + why : "listening; cannot listen on " + there + ": " + why;
            if (first) {
                LOG.error(
                        "{} cannot receive datagrams on {}: {}; {}retrying every {} s",
                        user,
                        there,
                        why,
                        bound == null ? "" : "keeping " + address + ", ",
                        RETRY_SECONDS);
            }
            loops.group().schedule(() -> bind(mine, wanted, flows, false), RETRY_SECONDS, TimeUnit.SECONDS);
        }
    }

    /** The port is free on return; must not be called on an event loop. */
    synchronized void close() {
        generation++;
        state = "closed";
        closeSocket();
    }

    private void closeSocket() {
        Channel old = bound;
        bound = null;
        if (old != null && !old.close().awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS)) {
            LOG.warn("{}: {} is still open after {} s", user, address, CLOSE_SECONDS);
        }
    }

    String address() {
        return address;
    }

    String state() {
        return state;
    }
}
