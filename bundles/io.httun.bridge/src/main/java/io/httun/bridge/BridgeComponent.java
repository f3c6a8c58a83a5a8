// SPDX-License-Identifier: Apache-2.0
package io.httun.bridge;

import io.httun.api.relay.RelayEngine;
import io.httun.api.status.StatusSource;
import io.httun.api.target.TargetConnector;
import io.httun.api.tunnel.EventLoops;
import io.httun.api.tunnel.TunnelReply;
import io.httun.api.tunnel.TunnelRequest;
import io.httun.api.tunnel.TunnelService;
import io.httun.toolkit.carried.CarriedServer;
import io.httun.toolkit.carried.CarriedStatus;
import java.util.Dictionary;
import java.util.Map;
import java.util.Optional;
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
public final class BridgeComponent implements CarriedStatus, CarriedServer.Entrance<BridgeSettings>, TunnelService {
    private static final Logger LOG = LoggerFactory.getLogger(BridgeComponent.class);

    /** May come, go and be another one at any time; open connections keep the one that made them. */
    @Reference(
            name = "connector",
            target = "(name=direct)",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private volatile TargetConnector connector;

    private final CarriedServer<BridgeSettings> server;
    private final BridgeServer bridge;
    private volatile ServiceRegistration<TunnelService> mounted;

    @Activate
    public BridgeComponent(@Reference EventLoops loops, @Reference RelayEngine engine, Map<String, Object> properties) {
        server = new CarriedServer<>("bridge", engine, () -> connector, BridgeSettings::read, properties);
        bridge = new BridgeServer(server.settings(), loops, server.origin());
        warn();
        server.start(this);
    }

    /** For use without a framework. */
    public BridgeComponent(
            EventLoops loops, RelayEngine engine, TargetConnector connector, Map<String, Object> properties) {
        this(loops, engine, properties);
        this.connector = connector;
    }

    @Activate
    void mount(BundleContext context) {
        mounted = context.registerService(TunnelService.class, this, mountedAt(server.settings()));
    }

    private static Dictionary<String, Object> mountedAt(BridgeSettings settings) {
        return FrameworkUtil.asDictionary(Map.of(TunnelService.PATH, settings.path()));
    }

    private void warn() {
        if (!server.settings().sources().isLoopback()) {
            LOG.warn(
                    "{} accepts sources beyond loopback ({}): its protocol has no encryption, so anyone on the path can read and"
                            + " take over its connections",
                    server,
                    server.settings().sources());
        }
    }

    /** As far as the endpoints can be reached. */
    @Override
    public Optional<String> openAt() {
        return Optional.of("the path " + server.settings().path() + " of the endpoints");
    }

    @Override
    public void changed(BridgeSettings old, BridgeSettings now) {
        bridge.change(now);
        if (!now.path().equals(old.path())) {
            mounted.setProperties(mountedAt(now));
        }
        if (!now.sources().equals(old.sources())) {
            warn();
        }
    }

    @Modified
    public void modified(Map<String, Object> properties) {
        server.modified(properties);
    }

    @Deactivate
    public void stop() {
        if (mounted != null) {
            mounted.unregister();
        }
        server.stop();
    }

    @Override
    public CompletionStage<TunnelReply> handle(TunnelRequest request) {
        return bridge.handle(request);
    }

    @Override
    public CarriedServer<BridgeSettings> server() {
        return server;
    }

    @Override
    public String address() {
        return server.settings().path();
    }

    @Override
    public String state() {
        return "mounted";
    }
}
