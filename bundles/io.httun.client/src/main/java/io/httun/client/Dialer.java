// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.api.target.NameResolver;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Iterator;
import java.util.List;
import javax.net.ssl.SSLHandshakeException;

/** Connects to servers. Names are looked up at each connection, so that a server may move. */
final class Dialer {
    private static final int READ_BUFFER = 128 * 1024;

    private final Bootstrap bootstrap;
    private final NameResolver resolver;
    private final AddressFamily family;
    private final TlsSettings tls;
    private final SslContext context;
    private final int timeoutMillis;

    Dialer(ClientSettings settings, Surroundings surroundings) {
        this.resolver = surroundings.resolver();
        this.family = settings.family();
        this.tls = settings.tls();
        this.context = TlsContexts.client(settings.name(), tls);
        this.timeoutMillis = (int) settings.timeouts().connect();
        this.bootstrap = new Bootstrap()
                .channel(surroundings.loops().socketChannel())
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, timeoutMillis)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(READ_BUFFER));
    }

    /** Connects; fails with an {@link HttunException} that names the server. */
    Future<Channel> dial(EventLoop loop, ServerUrl url) {
        Promise<Channel> promise = loop.newPromise();
        if (NetUtil.isValidIpV4Address(url.host()) || NetUtil.isValidIpV6Address(url.host())) {
            InetSocketAddress address = new InetSocketAddress(url.host(), url.port());
            tryNext(loop, url, List.of(address.getAddress()).iterator(), null, promise);
            return promise;
        }
        resolver.resolve(url.host(), loop).addListener((Future<List<InetAddress>> resolved) -> {
            if (resolved.isSuccess()) {
                tryNext(loop, url, family.order(resolved.getNow()).iterator(), null, promise);
            } else {
                promise.tryFailure(failure(url, resolved.cause()));
            }
        });
        return promise;
    }

    private void tryNext(
            EventLoop loop, ServerUrl url, Iterator<InetAddress> addresses, Throwable last, Promise<Channel> promise) {
        if (promise.isDone()) {
            return;
        }
        if (!addresses.hasNext()) {
            promise.tryFailure(failure(url, last == null ? new HttunException("the name has no address") : last));
            return;
        }
        InetSocketAddress address = new InetSocketAddress(addresses.next(), url.port());
        Bootstrap one = bootstrap.clone(loop).handler(new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                if (url.tls()) {
                    SslHandler handler = context.newHandler(channel.alloc(), url.host(), url.port());
                    handler.setHandshakeTimeoutMillis(timeoutMillis);
                    channel.pipeline().addLast(handler);
                }
                channel.pipeline().addLast(new DialGuard());
            }
        });
        one.connect(address).addListener((ChannelFuture connected) -> {
            if (!connected.isSuccess()) {
                tryNext(loop, url, addresses, connected.cause(), promise);
            } else if (url.tls()) {
                shakeHands(url, connected.channel(), promise);
            } else {
                hand(connected.channel(), promise);
            }
        });
    }

    private void shakeHands(ServerUrl url, Channel channel, Promise<Channel> promise) {
        SslHandler handler = channel.pipeline().get(SslHandler.class);
        handler.handshakeFuture().addListener(shaken -> {
            try {
                if (!shaken.isSuccess()) {
                    throw new HttunException("TLS: " + shaken.cause().getMessage(), shaken.cause());
                }
                TlsContexts.checkPins(tls.pins(), handler.engine().getSession());
                hand(channel, promise);
            } catch (HttunException e) {
                channel.close();
                promise.tryFailure(failure(url, e));
            }
        });
    }

    private static void hand(Channel channel, Promise<Channel> promise) {
        channel.pipeline().remove(DialGuard.class);
        if (!promise.trySuccess(channel)) {
            channel.close();
        }
    }

    /** Until somebody uses the connection: what fails is heard of from the handshake, which has the same cause. */
    private static final class DialGuard extends ChannelInboundHandlerAdapter {
        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }

    private static HttunException failure(ServerUrl url, Throwable cause) {
        String hint = cause.getCause() instanceof SSLHandshakeException ? " (see tls.trust and tls.pin)" : "";
        String message = "cannot connect to " + url + ": " + cause.getMessage() + hint;
        return cause instanceof ConnectTimeoutException
                ? new LinkTimeoutException(message)
                : new HttunException(message, cause);
    }
}
