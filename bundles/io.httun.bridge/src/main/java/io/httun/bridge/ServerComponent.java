// SPDX-License-Identifier: Apache-2.0
package io.httun.bridge;

import io.httun.api.carried.CarriedServer;
import io.httun.api.relay.RelayEngine;
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
import org.osgi.service.component.annotations.Reference;
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
public final class ServerComponent extends CarriedServer<BridgeSettings> implements TunnelService {
    private static final Logger LOG = LoggerFactory.getLogger(ServerComponent.class);

    private final BridgeServer server;
    private volatile ServiceRegistration<TunnelService> mounted;

    @Activate
    public ServerComponent(@Reference EventLoops loops, @Reference RelayEngine engine, Map<String, Object> properties) {
        super("bridge", engine, BridgeSettings::read, properties);
        server = new BridgeServer(settings(), loops, origin());
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
        mounted = context.registerService(TunnelService.class, this, mountedAt(settings()));
    }

    private static Dictionary<String, Object> mountedAt(BridgeSettings settings) {
        return FrameworkUtil.asDictionary(Map.of(TunnelService.PATH, settings.path()));
    }

    private void warn() {
        if (!settings().sources().isLoopback()) {
            LOG.warn(
                    "{} lets sources beyond loopback come ({}): its protocol has no encryption, so anyone on the way can read and"
                            + " take over what it carries",
                    this,
                    settings().sources());
        }
    }

    @Override
    protected void changed(BridgeSettings old, BridgeSettings now) {
        server.change(now);
        if (!now.path().equals(old.path())) {
            mounted.setProperties(mountedAt(now));
        }
        if (!now.sources().equals(old.sources())) {
            warn();
        }
    }

    @Override
    public void stop() {
        if (mounted != null) {
            mounted.unregister();
        }
        super.stop();
    }

    @Override
    public CompletionStage<TunnelReply> handle(TunnelRequest request) {
        return server.handle(request);
    }

    @Override
    public List<ListenerStatus> listeners() {
        return status(settings().path(), "mounted");
    }
}
