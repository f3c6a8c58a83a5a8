// SPDX-License-Identifier: Apache-2.0
package io.httun.gnuhttptunnel;

import io.httun.api.carried.ServerPort;
import io.httun.api.config.ConfigException;
import io.httun.api.relay.RelayEngine;
import io.httun.api.relay.RelayOrigin;
import io.httun.api.status.StatusSource;
import io.httun.api.target.TargetConnector;
import io.httun.api.tunnel.EventLoops;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A server for GNU httptunnel clients. */
@Component(
        immediate = true,
        service = StatusSource.class,
        configurationPid = "io.httun.gnuhttptunnel",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = ServerConfig.class, factory = true)
public final class ServerComponent implements StatusSource {
    private static final Logger LOG = LoggerFactory.getLogger(ServerComponent.class);

    /** May come, go and be another one at any time; open connections keep the one that made them. */
    @Reference(
            name = "connector",
            target = "(name=direct)",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private volatile TargetConnector connector;

    private final EventLoops loops;
    private final RelayOrigin origin;
    private volatile ServerSettings settings;
    private volatile Tunnels tunnels;
    private volatile ServerPort port;

    @Activate
    public ServerComponent(@Reference EventLoops loops, @Reference RelayEngine engine, Map<String, Object> properties) {
        this.loops = loops;
        this.settings = ServerSettings.read(properties);
        this.origin = engine.open(settings.relay(), () -> connector);
    }

    /** For use without a framework. */
    public ServerComponent(
            EventLoops loops, RelayEngine engine, TargetConnector connector, Map<String, Object> properties) {
        this(loops, engine, properties);
        this.connector = connector;
    }

    @Activate
    public void start() {
        tunnels = new Tunnels(settings, origin);
        port = new ServerPort(
                loops, "GNU httptunnel server " + settings.relay().name(), settings.bind(), tunnels::accept);
        port.open();
    }

    @Modified
    void modified(Map<String, Object> properties) {
        ServerSettings next;
        try {
            next = ServerSettings.read(properties);
        } catch (ConfigException e) {
            LOG.error(
                    "{}; server {} keeps its configuration",
                    e.getMessage(),
                    settings.relay().name());
            return;
        }
        ServerSettings old = settings;
        settings = next;
        origin.change(next.relay());
        tunnels.change(next);
        if (!next.bind().equals(old.bind())) {
            port.close();
            tunnels = new Tunnels(next, origin);
            port = new ServerPort(loops, "GNU httptunnel server " + next.relay().name(), next.bind(), tunnels::accept);
            port.open();
        }
    }

    @Deactivate
    public void stop() {
        port.close();
        origin.close();
    }

    /** Where it listens. */
    public ServerPort port() {
        return port;
    }

    @Override
    public List<ListenerStatus> listeners() {
        return List.of(new ListenerStatus(
                settings.relay().name(),
                "gnuhttptunnel",
                port.address(),
                port.state(),
                origin.open(),
                origin.accepted(),
                origin.refused()));
    }

    @Override
    public List<ConnectionStatus> connections() {
        return origin.connections();
    }

    @Override
    public List<ConnectionStatus> closedConnections() {
        return origin.closedConnections();
    }
}
