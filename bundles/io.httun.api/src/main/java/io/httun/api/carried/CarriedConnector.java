// SPDX-License-Identifier: Apache-2.0
package io.httun.api.carried;

import io.httun.api.config.ConfigException;
import io.httun.api.target.Target;
import io.httun.api.target.TargetAdmission;
import io.httun.api.target.TargetConnector;
import io.httun.api.tunnel.BulkSockets;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the client components of all protocols do alike. A subclass is the component; its bundle is built with bnd's
 * {@code -dsannotations-options: inherit}.
 */
public abstract class CarriedConnector<S extends CarriedConnector.Settings> implements TargetConnector {
    private static final Logger LOG = LoggerFactory.getLogger(CarriedConnector.class);

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

    /** Leads to the server; may be another tunnel. */
    @Reference(
            name = "connector",
            target = "(name=direct)",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    protected volatile TargetConnector connector;

    private final TargetAdmission admission;
    private final Function<Map<String, ?>, S> reader;
    private final Set<Channel> open = ConcurrentHashMap.newKeySet();
    private volatile S settings;

    /** @throws ConfigException if the configuration is wrong */
    protected CarriedConnector(
            TargetAdmission admission, Function<Map<String, ?>, S> reader, Map<String, ?> properties) {
        this.admission = admission;
        this.reader = reader;
        this.settings = reader.apply(properties);
    }

    @Modified
    public void modified(Map<String, Object> properties) {
        try {
            settings = reader.apply(properties);
        } catch (ConfigException e) {
            LOG.error("{}; connector {} keeps its configuration", e.getMessage(), settings.name());
        }
    }

    /** Resets the connections that are open. */
    @Deactivate
    public void stop() {
        open.forEach(BulkSockets::reset);
    }

    @Override
    public Set<Target> firstHops(Target target) {
        TargetConnector through = connector;
        Target first = settings.route().firstHop();
        return through == null ? Set.of(first) : through.firstHops(first);
    }

    /** A connection that somebody wants, with the settings of the moment. */
    protected final Opening<S> opening(EventLoop loop) {
        S now = settings;
        return new Opening<>(now, loop, () -> now.route().dial(admission, connector, loop), loop.newPromise());
    }

    /** Begins a connection at once, on its loop. */
    protected final Future<Channel> begin(Opening<S> opening, Function<Opening<S>, Tunnel> tunnel) {
        if (opening.loop().inEventLoop()) {
            begin(opening, tunnel.apply(opening));
        } else {
            opening.loop().execute(() -> begin(opening, tunnel.apply(opening)));
        }
        return opening.promise();
    }

    /** Begins a connection, to be called on its loop. When its promise is cancelled, its channel is closed. */
    protected final void begin(Opening<S> opening, Tunnel tunnel) {
        CarriedChannel channel = tunnel.channel();
        opening.promise().addListener((FutureListener<Channel>) end -> {
            if (end.isCancelled()) {
                channel.close();
            }
        });
        open.add(channel);
        channel.closeFuture().addListener(closed -> open.remove(channel));
        tunnel.start();
    }
}
