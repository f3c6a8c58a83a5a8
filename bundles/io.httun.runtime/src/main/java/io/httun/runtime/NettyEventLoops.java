// SPDX-License-Identifier: Apache-2.0
package io.httun.runtime;

import io.httun.api.tunnel.EventLoops;
import io.httun.api.tunnel.FileWatch;
import io.httun.toolkit.config.LiveSettings;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The event loops of this process, on {@code epoll} if it loads. */
@Component(
        // Draining connections need the loops after their last user has gone.
        immediate = true,
        service = {EventLoops.class, NettyEventLoops.class},
        configurationPid = "io.httun.runtime",
        configurationPolicy = ConfigurationPolicy.OPTIONAL)
@Designate(ocd = RuntimeConfig.class)
public final class NettyEventLoops implements EventLoops {
    private static final Logger LOG = LoggerFactory.getLogger(NettyEventLoops.class);
    private static final int STOP_SECONDS = 5;

    private final LiveSettings<RuntimeSettings> configured;
    private final RuntimeSettings settings;
    private final Transport transport;
    private final EventLoopGroup group;

    @Activate
    public NettyEventLoops(Map<String, Object> properties) {
        configured = new LiveSettings<>(now -> "the runtime", RuntimeSettings::read, properties);
        settings = configured.get();
        transport = Transport.choose(settings.transport());
        int threads = settings.threads() == 0 ? Runtime.getRuntime().availableProcessors() : settings.threads();
        // Threads start with the first channel.
        group = new MultiThreadIoEventLoopGroup(
                threads, new DefaultThreadFactory("httun-io", true), transport.handlers());
        configured.start(this::warn);
        LOG.info("{} event loops on {}", threads, transport.name());
    }

    /** Every connection of this process lives on the loops, so they cannot change at runtime. */
    @Modified
    void modified(Map<String, Object> properties) {
        configured.update(properties);
    }

    private void warn(RuntimeSettings wanted) {
        if (wanted.threads() != settings.threads() || !wanted.transport().equals(settings.transport())) {
            LOG.warn(
                    "threads = {} and transport = {} take effect when io.httun.runtime restarts",
                    wanted.threads(),
                    wanted.transport());
        }
    }

    @Deactivate
    void stop() {
        configured.close();
        if (!group.shutdownGracefully(0, STOP_SECONDS, TimeUnit.SECONDS)
                .awaitUninterruptibly(STOP_SECONDS + 1, TimeUnit.SECONDS)) {
            LOG.warn("Event loops have not ended within {} s", STOP_SECONDS);
        }
    }

    @Override
    public EventLoopGroup group() {
        return group;
    }

    @Override
    public Class<? extends SocketChannel> socketChannel() {
        return transport.socket();
    }

    @Override
    public Class<? extends ServerSocketChannel> serverSocketChannel() {
        return transport.serverSocket();
    }

    @Override
    public Class<? extends ServerChannel> serverDomainSocketChannel() {
        return transport.serverDomainSocket();
    }

    @Override
    public SocketAddress domainSocketAddress(Path path) {
        return transport.domainSocketAddress().apply(path);
    }

    @Override
    public Class<? extends DatagramChannel> datagramChannel() {
        return transport.datagram();
    }

    @Override
    public Optional<FileWatch> watch(EventLoop loop, int fd, Runnable readable) {
        return transport.watches().map(watches -> watches.start(loop, fd, readable));
    }

    @Override
    public String transport() {
        return transport.name();
    }

    Transport sockets() {
        return transport;
    }
}
