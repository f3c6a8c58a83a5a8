// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import io.httun.api.config.ConfigException;
import io.httun.api.status.EndpointStatus;
import io.httun.api.status.Problem;
import io.httun.api.status.StatusSource;
import io.httun.api.tunnel.EventLoops;
import io.httun.api.tunnel.TunnelService;
import io.httun.toolkit.config.LiveSettings;
import io.httun.toolkit.tunnel.TunnelRouter;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
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

/** The standalone HTTP server as a component. Knows nothing of sessions: they stay when it goes. */
@Component(
        immediate = true,
        service = StatusSource.class,
        configurationPid = "io.httun.endpoint.netty",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = NettyEndpointConfig.class, factory = true)
public final class NettyEndpoint implements StatusSource {
    private final TunnelRouter services = new TunnelRouter();
    private final LiveSettings<EndpointSettings> settings;
    private final HttpServer server;

    /** @throws ConfigException if the configuration is wrong */
    @Activate
    public NettyEndpoint(@Reference EventLoops loops, Map<String, Object> properties) {
        settings = new LiveSettings<>(now -> "endpoint " + now.name(), EndpointSettings::read, properties);
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
        server.start(settings.get());
        settings.start(server::change);
    }

    @Modified
    void modified(Map<String, Object> properties) {
        settings.update(properties);
    }

    @Deactivate
    void stop() {
        settings.close();
        server.stop();
    }

    @Override
    public List<EndpointStatus> endpoints() {
        return server.status(settings.problem());
    }

    @Override
    public List<Problem> problems() {
        return Stream.concat(settings.problems().stream(), server.problems().stream())
                .toList();
    }
}
