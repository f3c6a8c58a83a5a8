// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.carried;

import io.httun.api.config.ConfigException;
import io.httun.api.target.Target;
import io.httun.api.target.TargetAdmission;
import io.httun.api.target.TargetConnector;
import io.httun.toolkit.config.LiveSettings;
import io.httun.toolkit.target.ConnectorCycle;
import io.httun.toolkit.tunnel.ChannelDrain;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/** The common part of the client components of all protocols: a component holds one, and its own reference to the connector before it. */
public final class CarriedClient<S extends CarriedClient.Settings> {
    /** A configuration, checked. */
    public interface Settings {
        /** By which others refer to the connector. */
        String name();

        HttpRoute route();
    }

    /** One connection. */
    public interface Tunnel {
        CarriedChannel channel();

        /** Begins to connect, on the loop. */
        void start();
    }

    private final TargetConnector component;
    private final Supplier<TargetConnector> connector;
    private final TargetAdmission admission;
    private final ChannelDrain open = new ChannelDrain();
    private final LiveSettings<S> settings;

    /**
     * @param component whose part this is
     * @param connector leads to the server, and may be another tunnel; gives null while there is none
     * @throws ConfigException if the configuration is wrong
     */
    public CarriedClient(
            TargetConnector component,
            TargetAdmission admission,
            Supplier<TargetConnector> connector,
            Function<Map<String, ?>, S> reader,
            Map<String, ?> properties) {
        this.component = component;
        this.connector = connector;
        this.admission = admission;
        this.settings = new LiveSettings<>(now -> "connector " + now.name(), reader, properties).start();
    }

    /** Takes another configuration, unless it is wrong. */
    public void modified(Map<String, ?> properties) {
        settings.update(properties);
    }

    /** Resets the connections that are open, and those that are just being made. */
    public void stop() {
        settings.close();
        open.end();
    }

    /** As {@link TargetConnector#connectorName}. */
    public String connectorName() {
        return settings.get().name();
    }

    /** As {@link TargetConnector#through}. */
    public Optional<TargetConnector> through() {
        return Optional.ofNullable(connector.get());
    }

    /** As {@link TargetConnector#firstHops}. */
    public Set<Target> firstHops(Target target) {
        if (ConnectorCycle.find(component).isPresent()) {
            return Set.of();
        }
        TargetConnector through = connector.get();
        Target first = settings.get().route().firstHop();
        return through == null ? Set.of(first) : through.firstHops(first);
    }

    /** A requested connection, with the current settings. */
    public Opening<S> opening(EventLoop loop) {
        S now = settings.get();
        return new Opening<>(now, loop, () -> dial(now, loop), loop.newPromise());
    }

    private Future<Channel> dial(S now, EventLoop loop) {
        Optional<String> cycle = ConnectorCycle.find(component);
        return cycle.isPresent()
                ? loop.newFailedFuture(ConnectorCycle.refusal(cycle.get()))
                : now.route().dial(admission, connector.get(), loop);
    }

    /** Begins a connection at once, on its loop. */
    public Future<Channel> begin(Opening<S> opening, Function<Opening<S>, Tunnel> tunnel) {
        if (opening.loop().inEventLoop()) {
            begin(opening, tunnel.apply(opening));
        } else {
            opening.loop().execute(() -> begin(opening, tunnel.apply(opening)));
        }
        return opening.promise();
    }

    /** Begins a connection, to be called on its loop. When its promise is cancelled, its channel is closed. */
    public void begin(Opening<S> opening, Tunnel tunnel) {
        CarriedChannel channel = tunnel.channel();
        opening.promise().addListener((FutureListener<Channel>) end -> {
            if (end.isCancelled()) {
                channel.close();
            }
        });
        open.add(channel);
        tunnel.start();
    }
}
