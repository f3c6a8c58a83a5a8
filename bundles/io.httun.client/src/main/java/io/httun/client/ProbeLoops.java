// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.target.NameResolver;
import io.httun.api.target.RefusedException;
import io.httun.api.tunnel.EventLoops;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Event loops and name resolution for a program outside Karaf. */
final class ProbeLoops implements EventLoops, NameResolver, AutoCloseable {
    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

    @Override
    public EventLoopGroup group() {
        return group;
    }

    /** Resolves with the system's resolver on a separate thread, which a slow name server may block. */
    @Override
    public Future<List<InetAddress>> resolve(String host, EventExecutor executor) {
        Promise<List<InetAddress>> promise = executor.newPromise();
        Thread asking = new Thread(
                () -> {
                    try {
                        promise.trySuccess(List.of(InetAddress.getAllByName(host)));
                    } catch (UnknownHostException e) {
                        promise.tryFailure(
                                new RefusedException(RefusedException.Cause.UNRESOLVED, host + " has no address"));
                    }
                },
                "httun-names");
        asking.setDaemon(true);
        asking.start();
        return promise;
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
