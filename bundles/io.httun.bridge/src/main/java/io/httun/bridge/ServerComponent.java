// SPDX-License-Identifier: Apache-2.0
package io.httun.bridge;

import io.httun.api.config.ConfigException;
import io.httun.api.relay.RelayEngine;
import io.httun.api.relay.RelayOrigin;
import io.httun.api.status.StatusSource;
import io.httun.api.target.TargetConnector;
import io.httun.api.tunnel.EventLoops;
import io.httun.api.tunnel.TunnelReply;
import io.httun.api.tunnel.TunnelRequest;
import io.httun.api.tunnel.TunnelService;
import java.util.Dictionary;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
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

/**
 * A server for bridge clients, mounted on the endpoints by the service property {@code path}. It registers itself as a {@link TunnelService}
 * lest a wrong configuration move it: a component's own service has whatever is configured.
 */
@Component(
        immediate = true,
        service = StatusSource.class,
        configurationPid = "io.httun.bridge",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = BridgeConfig.class, factory = true)
public final class ServerComponent implements TunnelService, StatusSource {
    private static final Logger LOG = LoggerFactory.getLogger(ServerComponent.class);

    /** May come, go and be another one at any time; open connections keep the one that made them. */
    @Reference(
            name = "connector",
            target = "(name=direct)",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private volatile TargetConnector connector;

    private final RelayOrigin origin;
    private final BridgeServer server;
    private volatile BridgeSettings settings;
    private volatile ServiceRegistration<TunnelService> mounted;

    @Activate
    public ServerComponent(@Reference EventLoops loops, @Reference RelayEngine engine, Map<String, Object> properties) {
        settings = BridgeSettings.read(properties);
        origin = engine.open(settings.relay(), () -> connector);
        server = new BridgeServer(settings, loops, origin);
        warn();
    }

    /** For use without a framework. */
    public ServerComponent(
            EventLoops loops, RelayEngine engine, TargetConnector connector, Map<String, Object> properties) {
        this(loops, engine, properties);
        this.connector = connector;
    }

    @Activate
    void mount(BundleContext context) {
        mounted = context.registerService(TunnelService.class, this, mountedAt(settings));
    }

    private static Dictionary<String, Object> mountedAt(BridgeSettings settings) {
        return FrameworkUtil.asDictionary(Map.of(TunnelService.PATH, settings.path()));
    }

    private void warn() {
        if (!settings.sources().isLoopback()) {
            LOG.warn(
                    "Bridge server {} lets sources beyond loopback come ({}): its protocol has no encryption, so anyone on the"
                            + " way can read and take over what it carries",
                    settings.relay().name(),
                    settings.sources());
        }
    }

    @Modified
    void modified(Map<String, Object> properties) {
        BridgeSettings next;
        try {
            next = BridgeSettings.read(properties);
        } catch (ConfigException e) {
            LOG.error(
                    "{}; bridge server {} keeps its configuration",
                    e.getMessage(),
                    settings.relay().name());
            return;
        }
        BridgeSettings old = settings;
        settings = next;
        origin.change(next.relay());
        server.change(next);
        if (!next.path().equals(old.path())) {
            mounted.setProperties(mountedAt(next));
        }
        if (!next.sources().equals(old.sources())) {
            warn();
        }
    }

    @Deactivate
    void unmount() {
        mounted.unregister();
        stop();
    }

    public void stop() {
        origin.close();
    }

    @Override
    public CompletionStage<TunnelReply> handle(TunnelRequest request) {
        return server.handle(request);
    }

    @Override
    public List<ListenerStatus> listeners() {
        return List.of(new ListenerStatus(
                settings.relay().name(),
                "bridge",
                settings.path(),
                "mounted",
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
