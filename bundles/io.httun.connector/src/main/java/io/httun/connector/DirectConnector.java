// SPDX-License-Identifier: Apache-2.0
package io.httun.connector;

import io.httun.api.config.ConfigException;
import io.httun.api.target.Admitted;
import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.RequestContext;
import io.httun.api.target.Target;
import io.httun.api.target.TargetConnector;
import io.httun.api.tunnel.BulkSockets;
import io.httun.api.tunnel.EventLoops;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.ReflectiveChannelFactory;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import io.netty.util.concurrent.Promise;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connects by TCP. When it goes away, its open connections run on for {@code drain.seconds}; nothing waits for them.
 */
@Component(configurationPid = "io.httun.connector.direct", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = DirectConfig.class, factory = true)
public final class DirectConnector implements TargetConnector {
    private static final Logger LOG = LoggerFactory.getLogger(DirectConnector.class);

    private static final int MAX_DATAGRAM = 0xffff;

    private final EventLoops loops;
    private final Set<Channel> open = ConcurrentHashMap.newKeySet();
    /** Connections and attempts together. */
    private final AtomicInteger count = new AtomicInteger();

    private volatile DirectSettings settings;
    private volatile boolean gone;

    @Activate
    public DirectConnector(@Reference EventLoops loops, Map<String, Object> properties) {
        this.loops = loops;
        this.settings = DirectSettings.read(properties, loops.transport());
    }

    @Modified
    void modified(Map<String, Object> properties) {
        try {
            settings = DirectSettings.read(properties, loops.transport());
        } catch (ConfigException e) {
            LOG.error("{}; connector {} keeps its configuration", e.getMessage(), settings.name());
        }
    }

    @Deactivate
    void stop() {
        gone = true;
        if (count.get() > 0) {
            LOG.info(
                    "Connector {} is gone; {} connections have {} s to end",
                    settings.name(),
                    count.get(),
                    settings.drainSeconds());
            loops.group().schedule(() -> open.forEach(BulkSockets::reset), settings.drainSeconds(), TimeUnit.SECONDS);
        }
    }

    @Override
    public boolean takesNames() {
        return false;
    }

    @Override
    public Future<Channel> connect(Target target, EventLoop loop) {
        return connect(Admitted.complete(target, loop), RequestContext.NOBODY, loop);
    }

    @Override
    public Future<Channel> connect(Admitted admitted, RequestContext context, EventLoop loop) {
        DirectSettings now = settings;
        if (gone) {
            return refuse(loop, Cause.UNAVAILABLE, "connector " + now.name() + " is gone");
        }
        Target target = admitted.known();
        if (admitted.rest().isDone() && reachable(target.addresses(), now).isEmpty()) {
            return refuse(
                    loop,
                    Cause.UNREACHABLE,
                    target.addresses().isEmpty()
                            ? "the target has no address"
                            : "the target has no address of the same family as bind.address");
        }
        if (!mayHaveOneMore(now)) {
            return refuseOneMore(loop, now);
        }
        Bootstrap bootstrap = bootstrap(loop, now);
        HappyEyeballs race = new HappyEyeballs(
                loop, address -> attempt(bootstrap, address, target.port()), now.attemptDelayMillis());
        Future<Channel> connection = race.start(
                reachable(admitted.target().addresses(), now),
                admitted.rest(),
                late -> reachable(late, now),
                now.connectSeconds());
        connection.addListener((FutureListener<Channel>) this::keep);
        return connection;
    }

    private boolean mayHaveOneMore(DirectSettings now) {
        if (count.incrementAndGet() <= now.connectionsMax()) {
            return true;
        }
        count.decrementAndGet();
        return false;
    }

    private static Future<Channel> refuseOneMore(EventLoop loop, DirectSettings now) {
        return refuse(
                loop,
                Cause.OVERLOADED,
                "connector " + now.name() + " has " + now.connectionsMax()
                        + " connections, the most that connections.max allows");
    }

    @Override
    public boolean takesDatagrams() {
        return true;
    }

    /** Counts as one connection, however many targets it serves. */
    @Override
    public Future<Channel> openDatagrams(EventLoop loop) {
        DirectSettings now = settings;
        if (gone) {
            return refuse(loop, Cause.UNAVAILABLE, "connector " + now.name() + " is gone");
        }
        if (!mayHaveOneMore(now)) {
            return refuseOneMore(loop, now);
        }
        Promise<Channel> result = loop.newPromise();
        new Bootstrap()
                .group(loop)
                .channelFactory(() -> datagrams(now))
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(MAX_DATAGRAM))
                .handler(Nothing.INSTANCE)
                .bind(now.bindAddress()
                        .map(own -> new InetSocketAddress(own, 0))
                        .orElseGet(() -> new InetSocketAddress(0)))
                .addListener((ChannelFutureListener) bound -> {
                    if (!bound.isSuccess()) {
                        result.tryFailure(Refusals.of(bound.cause(), "a socket for datagrams"));
                    } else if (!result.trySuccess(bound.channel())) {
                        bound.channel().close();
                    }
                });
        result.addListener((FutureListener<Channel>) this::keep);
        return result;
    }

    private Channel datagrams(DirectSettings now) {
        Channel channel = new ReflectiveChannelFactory<>(loops.datagramChannel()).newChannel();
        BoundSocketFactory.bind(channel, now.bindInterface());
        return channel;
    }

    private void keep(Future<Channel> connection) {
        if (!connection.isSuccess()) {
            count.decrementAndGet();
            return;
        }
        Channel channel = connection.getNow();
        open.add(channel);
        channel.closeFuture().addListener(end -> {
            open.remove(channel);
            count.decrementAndGet();
        });
    }

    private Bootstrap bootstrap(EventLoop loop, DirectSettings now) {
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .channelFactory(new BoundSocketFactory(loops.socketChannel(), now.bindInterface()))
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) TimeUnit.SECONDS.toMillis(now.connectSeconds()))
                .handler(Nothing.INSTANCE);
        now.bindAddress().ifPresent(address -> bootstrap.localAddress(new InetSocketAddress(address, 0)));
        return bootstrap;
    }

    private static ChannelFuture attempt(Bootstrap bootstrap, InetAddress address, int port) {
        return bootstrap.connect(new InetSocketAddress(thisHost(address), port));
    }

    /** The address for all of this host's leads to either family's loopback, whichever the socket is of, unless it is said which. */
    private static InetAddress thisHost(InetAddress address) {
        if (!address.isAnyLocalAddress()) {
            return address;
        }
        return address instanceof Inet6Address ? NetUtil.LOCALHOST6 : NetUtil.LOCALHOST4;
    }

    private static List<InetAddress> reachable(List<InetAddress> addresses, DirectSettings now) {
        return now.bindAddress()
                .map(own -> addresses.stream()
                        .filter(address -> address.getClass() == own.getClass())
                        .toList())
                .orElse(addresses);
    }

    private static Future<Channel> refuse(EventLoop loop, Cause cause, String message) {
        return loop.newFailedFuture(new RefusedException(cause, message));
    }

    /** A bootstrap wants a handler; the pipeline belongs to the caller. */
    @ChannelHandler.Sharable
    private static final class Nothing extends ChannelInboundHandlerAdapter {
        static final Nothing INSTANCE = new Nothing();

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            context.pipeline().remove(this);
        }
    }
}
