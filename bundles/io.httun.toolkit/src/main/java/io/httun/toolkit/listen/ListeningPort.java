// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.listen;

import io.httun.api.tunnel.EventLoops;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoopGroup;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A TCP port to listen on, as configured at the moment. While it cannot be bound, it is tried again. A changed address is bound
 * before the former one is closed, so a failure keeps the former one open; where both cannot be bound together, the former one is
 * closed first and comes back after a failure. Works on event loops; a generation number makes outdated steps harmless.
 * Thread-safe.
 */
public final class ListeningPort {
    private static final Logger LOG = LoggerFactory.getLogger(ListeningPort.class);
    private static final int MAX_PORT = 0xffff;
    static final int RETRY_SECONDS = 5;
    private static final int CLOSE_SECONDS = 2;

    /** A selector of the JDK gives up a closed socket's address at its next turn only. */
    private static final int RETURN_MILLIS = 100;

    /**
     * Where to listen.
     *
     * @param fallbacks how many ports above may be used instead where one is taken by others
     * @param advice appended to the reason when the port is taken, such as another property to set; empty for none
     */
    public record Wanted(InetSocketAddress address, int fallbacks, String advice) {
        public Wanted(InetSocketAddress address) {
            this(address, 0, "");
        }

        private InetSocketAddress at(int offset) {
            return new InetSocketAddress(address.getAddress(), address.getPort() + offset);
        }

        private boolean mayMove(int offset) {
            return offset < fallbacks && address.getPort() + offset < MAX_PORT;
        }
    }

    private final String user;
    private final ServerBootstrap bootstrap;
    private final EventLoopGroup loops;
    private final Consumer<Channel> opened;
    private int generation;
    private Channel server;
    private volatile String address = "";
    private volatile String state = "starting";
    private volatile String problem = "";

    /**
     * @param user whose port this is, for the log, such as {@code Listener web}
     * @param connections the loops of its connections
     * @param accepted gets each connection
     * @param opened gets each listening channel once it is bound
     */
    public ListeningPort(
            String user,
            EventLoops loops,
            EventLoopGroup connections,
            ChannelHandler accepted,
            Consumer<Channel> opened) {
        this.user = user;
        this.loops = loops.group();
        this.opened = opened;
        this.bootstrap = ListeningSocket.tcp(new ServerBootstrap().childHandler(accepted), loops)
                .group(connections);
    }

    /** Listens there instead of where it does now. */
    public synchronized void open(Wanted wanted) {
        int mine = ++generation;
        if (server == null) {
            address = ListenAddress.text(wanted.address());
            state = "starting";
        }
        problem = "";
        attempt(mine, wanted, true);
    }

    private synchronized void attempt(int mine, Wanted wanted, boolean first) {
        if (mine != generation) {
            return;
        }
        Channel old = server;
        InetSocketAddress former = old == null ? null : (InetSocketAddress) old.localAddress();
        if (former == null || !ListenAddress.clash(former, wanted.address())) {
            bind(mine, wanted, 0, null, first);
        } else if (former.equals(wanted.address())) {
            bound(mine);
        } else {
            server = null;
            old.close()
                    .addListener(closed -> loops.schedule(
                            () -> bind(mine, wanted, 0, former, first), RETURN_MILLIS, TimeUnit.MILLISECONDS));
        }
    }

    /** @param former where to listen again after a failure; null if that is still open, or there was none */
    private synchronized void bind(int mine, Wanted wanted, int offset, InetSocketAddress former, boolean first) {
        if (mine == generation) {
            bootstrap.bind(wanted.at(offset)).addListener((ChannelFutureListener)
                    end -> bound(mine, wanted, offset, former, first, end));
        }
    }

    private synchronized void bound(
            int mine, Wanted wanted, int offset, InetSocketAddress former, boolean first, ChannelFuture end) {
        if (mine != generation) {
            end.channel().close();
        } else if (end.isSuccess()) {
            take(end.channel());
            bound(mine);
            LOG.info(
                    "{} listens on {}{}",
                    user,
                    address,
                    offset == 0 ? "" : ", because " + ListenAddress.text(wanted.address()) + " is taken");
        } else if (ListeningSocket.isTaken(end.cause()) && wanted.mayMove(offset)) {
            bind(mine, wanted, offset + 1, former, first);
        } else if (former == null) {
            failed(mine, wanted, end.cause(), first);
        } else {
            loops.schedule(
                    () -> goBack(mine, wanted, former, end.cause(), first), RETURN_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private synchronized void goBack(
            int mine, Wanted wanted, InetSocketAddress former, Throwable cause, boolean first) {
        if (mine == generation) {
            bootstrap.bind(former).addListener((ChannelFutureListener)
                    back -> wentBack(mine, wanted, cause, first, back));
        }
    }

    private synchronized void wentBack(int mine, Wanted wanted, Throwable cause, boolean first, ChannelFuture back) {
        if (mine != generation) {
            back.channel().close();
            return;
        }
        if (back.isSuccess()) {
            take(back.channel());
        } else {
            LOG.error("{} cannot return to its former address: {}", user, ListeningSocket.why(back.cause()));
        }
        failed(mine, wanted, cause, first);
    }

    private void take(Channel channel) {
        Channel old = server;
        server = channel;
        address = ListenAddress.text((InetSocketAddress) channel.localAddress());
        opened.accept(channel);
        if (old != null) {
            old.close();
        }
    }

    private void bound(int mine) {
        if (mine == generation) {
            state = "listening";
            problem = "";
        }
    }

    private void failed(int mine, Wanted wanted, Throwable cause, boolean first) {
        String why = ListeningSocket.why(cause) + (ListeningSocket.isTaken(cause) ? wanted.advice() : "");
        String there = ListenAddress.text(wanted.address());
        problem = "cannot listen on " + there + ": " + why;
        state = server == null ? "not listening: " + why : "listening; " + problem;
        if (first) {
            LOG.error(
                    "{} {}; {}trying again every {} s",
                    user,
                    problem,
                    server == null ? "" : "keeping " + address + ", ",
                    RETRY_SECONDS);
        }
        loops.schedule(() -> attempt(mine, wanted, false), RETRY_SECONDS, TimeUnit.SECONDS);
    }

    /** The port is free when this returns; not to be called on an event loop. */
    public void close() {
        Channel old;
        synchronized (this) {
            generation++;
            state = "closed";
            problem = "";
            old = server;
            server = null;
        }
        if (old != null && !old.close().awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS)) {
            LOG.warn("{}: {} still open after {} s", user, address, CLOSE_SECONDS);
        }
    }

    /** Where it listens, or where it is to listen while it does not. */
    public String address() {
        return address;
    }

    /** {@code listening}, or what it does instead. */
    public String state() {
        return state;
    }

    /** Why it does not listen where it is to listen; empty while it does. */
    public String problem() {
        return problem;
    }
}
