// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.relay.RelayEngine;
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
import io.httun.relay.NettyRelayEngine;
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
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** A server with all its services, in this JVM, without OSGi and HTTP. */
final class TestServer implements AutoCloseable {
    static final String SECRET = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    static final int CHANNEL = 7;

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    final Set<String> filters = ConcurrentHashMap.newKeySet();
    /** A further filter; none at first. */
    volatile Optional<TargetFilter> rules = Optional.empty();

    private final Queue<TunnelReply> replies = new ConcurrentLinkedQueue<>();
    final TunnelServer server;
    private final RelayEngine engine = new NettyRelayEngine(new Admission(), Map.of());

    TestServer() {
        this(Map.of());
    }

    TestServer(Map<String, Object> properties) {
        server = new TunnelServer(() -> group, new JcaFrameCipher(), new JcaKeyAgreement(), properties);
        filters.add("default");
    }

    /** Properties of a channel, with the changes of a test. */
    static Map<String, Object> properties(Object... changes) {
        Map<String, Object> properties = new HashMap<>(Map.of(
                "service.pid", "io.httun.channel~t", "name", "t", "id", CHANNEL, "secret", SECRET, "test", true));
        for (int i = 0; i < changes.length; i += 2) {
            properties.put((String) changes[i], changes[i + 1]);
        }
        return properties;
    }

    ChannelComponent channel(Object... changes) {
        return channel(new Connector(), changes);
    }

    ChannelComponent channel(TargetConnector connector, Object... changes) {
        return channel(connector, properties(changes));
    }

    ChannelComponent channel(TargetConnector connector, Map<String, Object> properties) {
        return new ChannelComponent(server, engine, connector, properties);
    }

    TunnelReply ask(String method, String path, String query, String authorization, byte[] body) throws Exception {
        return asking(method, path, query, authorization, body).get(10, TimeUnit.SECONDS);
    }

    CompletableFuture<TunnelReply> asking(String method, String path, String query, String authorization, byte[] body) {
        ByteBuf content = Unpooled.wrappedBuffer(body);
        return asking(new TunnelRequest(method, path, query, authorization, content, new Carrier()));
    }

    CompletableFuture<TunnelReply> asking(TunnelRequest request) {
        CompletableFuture<TunnelReply> reply = server.handle(request).toCompletableFuture();
        reply.thenAccept(replies::add);
        return reply;
    }

    @Override
    public void close() {
        server.deactivate();
        // A test that reads a reply need neither report its delivery nor release it.
        replies.forEach(reply -> reply.delivery().written());
        replies.stream()
                .map(TunnelReply::body)
                .filter(body -> body.refCnt() > 0)
                .forEach(body -> body.release(body.refCnt()));
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
