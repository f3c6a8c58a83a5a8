// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.target.Decision;
import io.httun.api.target.RefusedException;
import io.httun.api.target.RequestContext;
import io.httun.api.target.Target;
import io.httun.api.target.TargetAdmission;
import io.httun.api.target.TargetConnector;
import io.httun.api.target.TargetFilter;
import io.httun.api.tunnel.Carrier;
import io.httun.api.tunnel.TunnelReply;
import io.httun.api.tunnel.TunnelRequest;
import io.httun.crypto.jca.JcaFrameCipher;
import io.httun.crypto.jca.JcaKeyAgreement;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** A server with everything around it that it needs, in this JVM, without OSGi and HTTP. */
final class TestServer implements AutoCloseable {
    static final String SECRET = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    static final int CHANNEL = 7;

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    final Set<String> filters = ConcurrentHashMap.newKeySet();
    /** What rules besides; none at first. */
    volatile Optional<TargetFilter> rules = Optional.empty();

    final TunnelServer server;

    TestServer() {
        this(Map.of());
    }

    TestServer(Map<String, Object> properties) {
        server = new TunnelServer(() -> group, properties);
        server.cipher = new JcaFrameCipher();
        server.agreement = new JcaKeyAgreement();
        server.admission = new Admission();
        filters.add("default");
    }

    /** Properties of a channel with what a test changes. */
    static Map<String, Object> properties(Object... changes) {
        Map<String, Object> properties = new HashMap<>(Map.of(
                "service.pid", "io.httun.channel~t", "name", "t", "id", CHANNEL, "secret", SECRET, "test", true));
        for (int i = 0; i < changes.length; i += 2) {
            properties.put((String) changes[i], changes[i + 1]);
        }
        return properties;
    }

    ChannelComponent channel(Object... changes) {
        ChannelComponent component = new ChannelComponent(server, properties(changes));
        component.connector = new Connector();
        return component;
    }

    TunnelReply ask(String method, String path, String query, String authorization, byte[] body) throws Exception {
        return asking(method, path, query, authorization, body).get(10, TimeUnit.SECONDS);
    }

    CompletableFuture<TunnelReply> asking(String method, String path, String query, String authorization, byte[] body) {
        ByteBuf content = Unpooled.wrappedBuffer(body);
        return server.handle(new TunnelRequest(method, path, query, authorization, content, new Carrier()))
                .toCompletableFuture();
    }

    @Override
    public void close() {
        server.deactivate();
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private final class Admission implements TargetAdmission {
        @Override
        public Future<Target> admit(Target target, List<String> names, boolean resolve, EventExecutor executor) {
            return admit(target, names, resolve, RequestContext.NOBODY, executor);
        }

        @Override
        public List<ChannelHandler> guards(Target admitted, List<String> names, RequestContext context) {
            return rules.flatMap(filter -> filter.guard(admitted, context)).stream()
                    .toList();
        }

        @Override
        public Future<Target> admit(
                Target target, List<String> names, boolean resolve, RequestContext context, EventExecutor executor) {
            if (rules.map(filter -> filter.decide(target, context)).orElse(Decision.ALLOW)
                    instanceof Decision.Deny deny) {
                return executor.newFailedFuture(new RefusedException(RefusedException.Cause.DENIED, deny.reason()));
            }
            return filters.containsAll(names)
                    ? executor.newSucceededFuture(target)
                    : executor.newFailedFuture(
                            new RefusedException(RefusedException.Cause.DENIED, "filter " + names + " is missing"));
        }
    }

    /** Connects straight to the target. */
    static final class Connector implements TargetConnector {
        @Override
        public boolean takesNames() {
            return false;
        }

        @Override
        public Future<Channel> connect(Target target, EventLoop loop) {
            Promise<Channel> promise = loop.newPromise();
            ChannelFuture connecting = new Bootstrap()
                    .group(loop)
                    .channel(NioSocketChannel.class)
                    .option(ChannelOption.AUTO_READ, false)
                    .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                    .handler(new ChannelInboundHandlerAdapter())
                    .connect(target.addresses().get(0), target.port());
            connecting.addListener(done -> {
                if (done.isSuccess()) {
                    promise.trySuccess(connecting.channel());
                } else {
                    promise.tryFailure(new RefusedException(
                            RefusedException.Cause.CONNECTION_REFUSED,
                            done.cause().getMessage()));
                }
            });
            return promise;
        }
    }
}
