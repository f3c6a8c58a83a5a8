// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.api.proxy.ForwardingConnector;
import io.httun.api.proxy.ForwardingConnector.Forwarding;
import io.httun.api.target.NameResolver;
import io.httun.api.target.Target;
import io.httun.api.target.TargetConnector;
import io.httun.toolkit.target.ConnectorCycle;
import io.httun.toolkit.tls.ClientTls;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;

/** Connects to servers. Looks names up for each connection, so that a server may move. */
final class Dialer {
    private static final int READ_BUFFER = 128 * 1024;

    private final Bootstrap bootstrap;
    private final NameResolver resolver;
    private final Supplier<TargetConnector> connector;
    private final WayOut way;
    private final AddressFamily family;
    private final ClientTls tls;
    private final int timeoutMillis;
    private final LoginPause logins;
    private final LearntPath path;

    Dialer(ClientSettings settings, Surroundings surroundings) {
        this.resolver = surroundings.resolver();
        this.connector = surroundings.connector();
        this.way = settings.wayOut();
        this.path = new LearntPath(way);
        this.logins = new LoginPause(System::nanoTime);
        this.family = settings.family();
        this.tls = settings.tls();
        this.timeoutMillis = (int) settings.timeouts().connect();
        this.bootstrap = new Bootstrap()
                .channel(surroundings.loops().socketChannel())
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, timeoutMillis)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(READ_BUFFER));
    }

    private Dialer(Dialer like) {
        this.resolver = like.resolver;
        this.connector = like.connector;
        this.way = like.way;
        this.path = new LearntPath(way);
        this.logins = like.logins;
        this.family = like.family;
        this.tls = like.tls;
        this.timeoutMillis = like.timeoutMillis;
        this.bootstrap = like.bootstrap;
    }

    /** Returns a dialer without the limits learnt so far, to probe them. */
    Dialer ofProbe() {
        return new Dialer(this);
    }

    LearntPath path() {
        return path;
    }

    /** Stops logins for a while after a proxy refused one. */
    void loginRefused(String refusal) {
        logins.refused(refusal);
    }

    /** Connects; fails with an {@link HttunException} that names the server. */
    Future<Line> dial(EventLoop loop, ServerUrl url) {
        Promise<Line> promise = loop.newPromise();
        if (way.forwards(url) && logins.isPaused()) {
            promise.setFailure(new ProxyLoginException(logins.refusal()));
            return promise;
        }
        if (!way.connector().isEmpty()) {
            connectThrough(loop, url, promise);
            return promise;
        }
        if (NetUtil.isValidIpV4Address(url.host()) || NetUtil.isValidIpV6Address(url.host())) {
            InetSocketAddress address = new InetSocketAddress(url.host(), url.port());
            race(loop, url, List.of(address.getAddress()), promise);
            return promise;
        }
        resolver.resolve(url.host(), loop).addListener((Future<List<InetAddress>> resolved) -> {
            if (resolved.isSuccess()) {
                race(loop, url, family.order(resolved.getNow()), promise);
            } else {
                promise.tryFailure(failure(url, resolved.cause()));
            }
        });
        return promise;
    }

    private void race(EventLoop loop, ServerUrl url, List<InetAddress> addresses, Promise<Line> promise) {
        Bootstrap one = bootstrap.clone(loop).handler(new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                secure(channel, url);
            }
        });
        AddressRace.run(
                        loop,
                        addresses,
                        address -> one.connect(new InetSocketAddress(address, url.port())),
                        promise::isDone)
                .addListener((Future<Channel> won) -> {
                    if (won.isSuccess()) {
                        handOver(url, Line.direct(won.getNow(), path), promise);
                    } else {
                        promise.tryFailure(failure(url, won.cause()));
                    }
                });
    }

    /** Connects through the configured connector, within the time limit of a direct connection. */
    private void connectThrough(EventLoop loop, ServerUrl url, Promise<Line> promise) {
        TargetConnector through = connector.get();
        if (through == null) {
            promise.tryFailure(failure(url, new HttunException("the connector " + way.connector() + " is not there")));
            return;
        }
        Optional<String> cycle = ConnectorCycle.find(through);
        if (cycle.isPresent()) {
            promise.tryFailure(failure(url, ConnectorCycle.refusal(cycle.get())));
            return;
        }
        Target target = Target.of(url.host(), url.port());
        Future<?> limit = loop.schedule(
                () -> promise.tryFailure(failure(
                        url, new ConnectTimeoutException("not within " + timeoutMillis + " ms (connect.seconds)"))),
                timeoutMillis,
                TimeUnit.MILLISECONDS);
        promise.addListener(end -> limit.cancel(false));
        if (through.takesNames() || target.isLiteral()) {
            connectThrough(through, loop, url, target, promise);
            return;
        }
        resolver.resolve(target.host(), loop).addListener((Future<List<InetAddress>> resolved) -> {
            if (resolved.isSuccess()) {
                Target known = target.withAddresses(family.order(resolved.getNow()));
                connectThrough(through, loop, url, known, promise);
            } else {
                promise.tryFailure(failure(url, resolved.cause()));
            }
        });
    }

    private void connectThrough(
            TargetConnector through, EventLoop loop, ServerUrl url, Target target, Promise<Line> promise) {
        try {
            beginThrough(through, loop, url, target, promise);
        } catch (RuntimeException e) {
            // A connector should report failures in its future; one that throws must not leave the request pending.
            promise.tryFailure(failure(url, e));
        }
    }

    private void beginThrough(
            TargetConnector through, EventLoop loop, ServerUrl url, Target target, Promise<Line> promise) {
        if (!way.forwards(url)) {
            Future<Channel> connecting = through.connect(target, loop);
            take(connecting, url, promise, channel -> Line.direct(channel, path));
        } else if (through instanceof ForwardingConnector forwarder) {
            Future<Forwarding> connecting = forwarder.forward(target, loop);
            take(
                    connecting,
                    url,
                    promise,
                    to -> new Line(to.channel(), to.proxy().orElse(null), url.origin(), path.keepAlive()));
        } else {
            promise.tryFailure(failure(
                    url,
                    new HttunException(
                            "http.proxy = forward needs an upstream connector, which " + way.connector() + " is not")));
        }
    }

    private <T> void take(Future<T> connecting, ServerUrl url, Promise<Line> promise, Function<T, Line> line) {
        promise.addListener(end -> connecting.cancel(false));
        connecting.addListener((Future<T> connected) -> {
            if (!connected.isSuccess()) {
                promise.tryFailure(failure(url, connected.cause()));
                return;
            }
            Line made = line.apply(connected.getNow());
            secure(made.channel(), url);
            made.channel().config().setAutoRead(url.tls());
            handOver(url, made, promise);
        });
    }

    private void secure(Channel channel, ServerUrl url) {
        if (url.tls()) {
            SslHandler handler = tls.newHandler(channel.alloc(), url.host(), url.port());
            handler.setHandshakeTimeoutMillis(timeoutMillis);
            channel.pipeline().addLast(handler);
        }
        channel.pipeline().addLast(new DialGuard());
    }

    private void handOver(ServerUrl url, Line line, Promise<Line> promise) {
        if (url.tls()) {
            shakeHands(url, line, promise);
        } else {
            hand(line, promise);
        }
    }

    private void shakeHands(ServerUrl url, Line line, Promise<Line> promise) {
        Channel channel = line.channel();
        SslHandler handler = channel.pipeline().get(SslHandler.class);
        handler.handshakeFuture().addListener(shaken -> {
            try {
                tls.verify(handler);
                hand(line, promise);
            } catch (HttunException e) {
                channel.close();
                promise.tryFailure(failure(url, new HttunException("TLS: " + e.getMessage(), e.getCause())));
            }
        });
    }

    private static void hand(Line line, Promise<Line> promise) {
        line.channel().pipeline().remove(DialGuard.class);
        if (!promise.trySuccess(line)) {
            line.channel().close();
        }
    }

    /** Ignores failures until the connection is used: the handshake future reports the same cause. */
    private static final class DialGuard extends ChannelInboundHandlerAdapter {
        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }

    private static HttunException failure(ServerUrl url, Throwable cause) {
        String message = "cannot connect to " + url + ": " + ConnectTroubles.explain(cause);
        return ConnectTroubles.isSlow(cause) ? new LinkTimeoutException(message) : new HttunException(message, cause);
    }
}
