// SPDX-License-Identifier: Apache-2.0
package io.httun.connector;

import io.httun.api.target.Admitted;
import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.RequestContext;
import io.httun.api.target.Target;
import io.httun.api.target.TargetConnector;
import io.httun.api.tunnel.EventLoops;
import io.httun.toolkit.config.LiveSettings;
import io.httun.toolkit.tunnel.ChannelDrain;
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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;

/**
 * Connects by TCP. When it goes away, its open connections drain for {@code drain.seconds} without blocking anything.
 */
@Component(configurationPid = "io.httun.connector.direct", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = DirectConfig.class, factory = true)
public final class DirectConnector implements TargetConnector {
    private static final int MAX_DATAGRAM = 0xffff;

    private final EventLoops loops;
    private final ChannelDrain open = new ChannelDrain();
    /** Connections and attempts together. */
    private final AtomicInteger count = new AtomicInteger();

    private final LiveSettings<DirectSettings> settings;
    private volatile boolean gone;

    @Activate
    public DirectConnector(@Reference EventLoops loops, Map<String, Object> properties) {
        this.loops = loops;
        this.settings = new LiveSettings<>(
                        now -> "connector " + now.name(),
                        wanted -> DirectSettings.read(wanted, loops.transport()),
                        properties)
                .start();
    }

    @Modified
    void modified(Map<String, Object> properties) {
        settings.update(properties);
    }

    @Deactivate
    void stop() {
        gone = true;
        settings.close();
        DirectSettings last = settings.get();
        open.begin("Connector " + last.name(), loops.group(), last.drainSeconds());
    }

    @Override
    public String connectorName() {
        return settings.get().name();
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
        DirectSettings now = settings.get();
        if (gone) {
            return refuse(loop, Cause.UNAVAILABLE, "connector " + now.name() + " has gone");
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
                        + " connections, the maximum of connections.max");
    }

    @Override
    public boolean takesDatagrams() {
        return true;
    }

    /** Counts as one connection, whatever its number of targets. */
    @Override
    public Future<Channel> openDatagrams(EventLoop loop) {
        DirectSettings now = settings.get();
        if (gone) {
            return refuse(loop, Cause.UNAVAILABLE, "connector " + now.name() + " has gone");
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
                        result.tryFailure(ConnectFailures.of(bound.cause(), "a UDP socket"));
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
        channel.closeFuture().addListener(end -> count.decrementAndGet());
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

    /** The unspecified address means the loopback address of either family, unless the socket is bound to a family. */
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

    /** A bootstrap needs a handler; the pipeline belongs to the caller. */
    @ChannelHandler.Sharable
    private static final class Nothing extends ChannelInboundHandlerAdapter {
        static final Nothing INSTANCE = new Nothing();

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            context.pipeline().remove(this);
        }
    }
}
