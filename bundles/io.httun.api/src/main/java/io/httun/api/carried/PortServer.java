// SPDX-License-Identifier: Apache-2.0
package io.httun.api.carried;

import io.httun.api.config.ConfigException;
import io.httun.api.relay.RelayEngine;
import io.httun.api.tunnel.EventLoops;
import io.netty.channel.socket.SocketChannel;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.osgi.service.component.annotations.Activate;

/** A {@link CarriedServer} with a {@link ServerPort} of its own. */
public abstract class PortServer<S extends PortServer.Settings> extends CarriedServer<S> {
    /** A configuration, checked. */
    public interface Settings extends CarriedServer.Settings {
        /** Where to listen. */
        InetSocketAddress bind();
    }

    /** What comes on one port, all of it on one event loop. */
    public interface Visitors<S> {
        /** Gets every connection. */
        void accept(SocketChannel channel);

        /** For what comes from now on. On any thread. */
        void change(S settings);
    }

    private final EventLoops loops;
    private volatile Visitors<S> visitors;
    private volatile ServerPort port;

    /** @throws ConfigException if the configuration is wrong */
    protected PortServer(
            String kind,
            EventLoops loops,
            RelayEngine engine,
            Function<Map<String, ?>, S> reader,
            Map<String, ?> properties) {
        super(kind, engine, reader, properties);
        this.loops = loops;
    }

    /** For a port that is to be opened. */
    protected abstract Visitors<S> visitors();

    @Activate
    public void start() {
        visitors = visitors();
        port = new ServerPort(loops, toString(), settings().bind(), visitors::accept);
        port.open();
    }

    @Override
    protected void changed(S old, S now) {
        visitors.change(now);
        if (!now.bind().equals(old.bind())) {
            port.close();
            start();
        }
    }

    @Override
    public void stop() {
        port.close();
        super.stop();
    }

    /** Where it listens. */
    public ServerPort port() {
        return port;
    }

    @Override
    public List<ListenerStatus> listeners() {
        return status(port.address(), port.state());
    }
}
