// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.carried;

import io.httun.api.config.ConfigException;
import io.httun.api.tunnel.EventLoops;
import io.httun.toolkit.listen.ListenAddress;
import io.httun.toolkit.listen.ListeningPort;
import io.httun.toolkit.tunnel.BulkSockets;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.SocketChannel;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The {@link CarriedServer.Entrance} with a {@link ListeningPort} of its own; all its connections are on one event loop. */
public final class PortServer<S extends PortServer.Settings> implements CarriedServer.Entrance<S> {
    private static final Logger LOG = LoggerFactory.getLogger(PortServer.class);

    /** A configuration, checked. */
    public interface Settings extends CarriedServer.Settings {
        /** Where to listen. */
        InetSocketAddress bind();
    }

    /** The connections of one port, all on one event loop. */
    public interface Visitors<S> {
        /** Takes each accepted connection. */
        void accept(SocketChannel channel);

        /** Applies to connections accepted from now on. On any thread. */
        void change(S settings);
    }

    private final CarriedServer<S> server;
    private final Visitors<S> visitors;
    private final ListeningPort port;

    public PortServer(CarriedServer<S> server, EventLoops loops, Visitors<S> visitors) {
        this.server = server;
        this.visitors = visitors;
        this.port = new ListeningPort(
                server.toString(),
                loops,
                loops.group().next(),
                new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        BulkSockets.tune(channel);
                        visitors.accept(channel);
                    }
                },
                listening -> {});
    }

    /** Opens the port. */
    public void start() {
        open(server.settings());
        server.start(this);
    }

    @Override
    public Optional<String> openAt() {
        InetSocketAddress bind = server.settings().bind();
        return bind.getAddress().isLoopbackAddress() ? Optional.empty() : Optional.of(ListenAddress.text(bind));
    }

    private void open(S settings) {
        if (!settings.bind().getAddress().isLoopbackAddress()) {
            LOG.warn(
                    "{} is bound to {}, beyond loopback: its protocol has no encryption, so anyone on the path can read and take"
                            + " over its connections",
                    server,
                    ListenAddress.text(settings.bind()));
        }
        port.open(new ListeningPort.Wanted(settings.bind()));
    }

    @Override
    public void changed(S old, S now) {
        visitors.change(now);
        if (!now.bind().equals(old.bind())) {
            open(now);
        }
    }

    /** Closes the port, then what came through it. */
    public void stop() {
        port.close();
        server.stop();
    }

    /** Where it listens. */
    public ListeningPort port() {
        return port;
    }

    /**
     * Reads {@code ADDRESS:PORT}.
     *
     * @throws ConfigException naming the property {@code bind}
     */
    public static InetSocketAddress parseBind(String text) {
        return ListenAddress.parseTcp(
                "bind", text, "must be ADDRESS:PORT such as 127.0.0.1:8888, [::1]:8888 or *:8888, port 0 to 65535");
    }

    @Override
    public String address() {
        return port.address();
    }

    @Override
    public String state() {
        return port.state();
    }
}
