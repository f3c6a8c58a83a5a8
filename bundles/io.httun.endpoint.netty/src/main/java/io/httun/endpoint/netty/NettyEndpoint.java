// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import io.httun.api.config.ConfigException;
import io.httun.api.status.StatusSource;
import io.httun.api.tunnel.EventLoops;
import io.httun.api.tunnel.TunnelRouter;
import io.httun.api.tunnel.TunnelService;
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

/** The standalone HTTP server as a component. Knows nothing of sessions: they stay when it goes. */
@Component(
        immediate = true,
        service = StatusSource.class,
        configurationPid = "io.httun.endpoint.netty",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = NettyEndpointConfig.class, factory = true)
public final class NettyEndpoint implements StatusSource {
    private static final Logger LOG = LoggerFactory.getLogger(NettyEndpoint.class);

    private final TunnelRouter services = new TunnelRouter();
    private final EndpointSettings first;
    private final HttpServer server;

    /** @throws ConfigException if the configuration is wrong */
    @Activate
    public NettyEndpoint(@Reference EventLoops loops, Map<String, Object> properties) {
        first = EndpointSettings.read(properties);
        server = new HttpServer(loops, services);
    }

    @Reference(
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void addService(TunnelService service, Map<String, ?> properties) {
        services.add(service, properties);
    }

    void updatedService(TunnelService service, Map<String, ?> properties) {
        services.update(service, properties);
    }

    void removeService(TunnelService service) {
        services.remove(service);
    }

    @Activate
    void start() {
        server.start(first);
    }

    @Modified
    void modified(Map<String, Object> properties) {
        try {
            server.change(EndpointSettings.read(properties));
        } catch (ConfigException e) {
            LOG.error("Endpoint {} goes on as it was: {}", server.settings().name(), e.getMessage());
        }
    }

    @Deactivate
    void stop() {
        server.stop();
    }

    @Override
    public List<EndpointStatus> endpoints() {
        return server.status();
    }
}
