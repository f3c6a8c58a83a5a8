// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.cxf;

import io.httun.api.status.EndpointStatus;
import io.httun.api.status.Problem;
import io.httun.api.status.StatusSource;
import io.httun.api.tunnel.TunnelService;
import io.httun.toolkit.config.LiveSettings;
import io.httun.toolkit.tunnel.TunnelRouter;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import javax.servlet.Servlet;
import org.apache.cxf.Bus;
import org.apache.cxf.bus.CXFBusFactory;
import org.apache.cxf.endpoint.Server;
import org.apache.cxf.jaxrs.JAXRSServerFactoryBean;
import org.apache.cxf.logging.FaultListener;
import org.apache.cxf.transport.http.DestinationRegistryImpl;
import org.apache.cxf.transport.http.HTTPTransportFactory;
import org.osgi.framework.BundleContext;
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
 * The tunnel's HTTP endpoint as a JAX-RS service on a CXF bus of its own, published as a servlet in Karaf's web server
 * through the HTTP whiteboard. Knows nothing of sessions: they stay when it goes.
 */
@Component(
        immediate = true,
        configurationPid = "io.httun.endpoint.cxf",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = CxfEndpointConfig.class, factory = true)
public final class CxfEndpoint implements StatusSource {
    private static final Logger LOG = LoggerFactory.getLogger(CxfEndpoint.class);

    private final TunnelRouter services = new TunnelRouter();
    private final BundleContext context;
    private final LiveSettings<CxfEndpointSettings> settings;
    private final ArrivingBodies bodies;
    private Published published;

    @Activate
    public CxfEndpoint(BundleContext context, Map<String, Object> properties) {
        this.context = context;
        this.settings = new LiveSettings<>(now -> "endpoint " + now.name(), CxfEndpointSettings::read, properties);
        this.bodies = new ArrivingBodies(settings::get);
        this.published = new Published(settings.get());
        settings.start(this::change);
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

    @Modified
    void modified(Map<String, Object> properties) {
        settings.update(properties);
    }

    private synchronized void change(CxfEndpointSettings wanted) {
        published.close();
        published = new Published(wanted);
    }

    @Deactivate
    void deactivate() {
        settings.close();
        synchronized (this) {
            published.close();
        }
    }

    @Override
    public synchronized List<EndpointStatus> endpoints() {
        TunnelResource resource = published.resource;
        String state = services.hasServer() ? "open" : "no server";
        return List.of(new EndpointStatus(
                published.name, "cxf", published.path, state, resource.requests(), resource.waiting()));
    }

    @Override
    public List<Problem> problems() {
        return settings.problems();
    }

    /** The servlet and its bus, as one set of settings has published them. */
    private final class Published {
        private final String name;
        private final String path;
        private final TunnelResource resource;
        private final Bus bus;
        private final Server jaxrs;
        private final ServiceRegistration<Servlet> servlet;

        Published(CxfEndpointSettings current) {
            name = current.name();
            path = current.path();
            resource = new TunnelResource(current.path(), services);
            bus = new CXFBusFactory().createBus();
            DestinationRegistryImpl destinations = new DestinationRegistryImpl();
            jaxrs = serve(bus, destinations, resource);
            TunnelServlet carrier = new TunnelServlet(bus, destinations, bodies);
            Hashtable<String, Object> properties = new Hashtable<>();
            properties.put("osgi.http.whiteboard.servlet.pattern", current.path() + "/*");
            properties.put("osgi.http.whiteboard.servlet.name", "httun " + current.name());
            properties.put("osgi.http.whiteboard.servlet.asyncSupported", Boolean.TRUE);
            properties.put("servlet.init.hide-service-list-page", "true");
            servlet = context.registerService(Servlet.class, carrier, properties);
            LOG.info("Endpoint {} takes requests at {}", current.name(), current.path());
        }

        void close() {
            resource.release();
            servlet.unregister();
            jaxrs.destroy();
            bus.shutdown(false);
        }
    }

    /** Publishes the resource for a servlet that shares {@code destinations}. */
    static Server serve(Bus bus, DestinationRegistryImpl destinations, TunnelResource resource) {
        JAXRSServerFactoryBean factory = new JAXRSServerFactoryBean();
        factory.setBus(bus);
        factory.setDestinationFactory(new HTTPTransportFactory(destinations));
        factory.setAddress("/");
        factory.setServiceBean(resource);
        factory.setProviders(List.of(new AnswerWriter(), new Uniform()));
        // Broken connections must not fill the log with stack traces.
        factory.setProperties(Map.of(FaultListener.class.getName(), (FaultListener) (failure, what, message) -> {
            LOG.debug("{}: {}", what, failure.toString());
            return false;
        }));
        return factory.create();
    }
}
