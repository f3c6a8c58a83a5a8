// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.cxf;

import io.httun.api.tunnel.TunnelService;
import io.httun.endpoints.HttpEndpoint;
import io.httun.toolkit.tunnel.BodyBudget;
import io.httun.toolkit.tunnel.TunnelRouter;
import java.time.Duration;
import java.util.Map;
import javax.servlet.ServletConfig;
import javax.servlet.ServletException;
import org.apache.cxf.Bus;
import org.apache.cxf.bus.CXFBusFactory;
import org.apache.cxf.transport.http.DestinationRegistryImpl;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.servlet.ServletContextHandler;
import org.eclipse.jetty.servlet.ServletHolder;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** The CXF endpoint in the web server that Karaf has, with few threads. */
public final class CxfOnJetty implements HttpEndpoint {
    private static final int THREADS = 12;
    private static final int LONGEST_HEAD = 16 << 10;
    private static final long BODY_BYTES = 64 << 20;

    private final TunnelRouter services = new TunnelRouter();
    private final TunnelResource resource = new TunnelResource("/httun", services);
    private final Server jetty = new Server(new QueuedThreadPool(THREADS));
    private final TunnelServlet servlet;
    private final int port;

    /** On loopback, at any port and {@code /httun}. */
    public CxfOnJetty() {
        this(BODY_BYTES, ArrivingBody.PROGRESS);
    }

    /** An endpoint with {@code bodies.max} and {@code bodies.per.address}. */
    public static CxfOnJetty withLimits(int bodiesMax, int bodiesPerAddress) {
        CxfEndpointSettings settings = new CxfEndpointSettings("test", "/httun", bodiesMax, bodiesPerAddress);
        return new CxfOnJetty(new ArrivingBodies(() -> settings), Duration.ofMinutes(1));
    }

    /**
     * @param bodyBytes that may be held by bodies that have not arrived whole
     * @param progress time in which such a body must make progress
     */
    public CxfOnJetty(long bodyBytes, Duration progress) {
        this(new ArrivingBodies(() -> CxfEndpointSettings.read(Map.of()), new BodyBudget(bodyBytes)), progress);
    }

    private CxfOnJetty(ArrivingBodies bodies, Duration progress) {
        Bus bus = new CXFBusFactory().createBus();
        DestinationRegistryImpl destinations = new DestinationRegistryImpl();
        CxfEndpoint.serve(bus, destinations, resource);
        servlet = new TunnelServlet(bus, destinations, bodies, progress);
        ServletHolder holder = new ServletHolder(servlet);
        holder.setAsyncSupported(true);
        ServletContextHandler handler = new ServletContextHandler();
        handler.addServlet(holder, "/httun/*");
        jetty.setHandler(handler);
        HttpConfiguration http = new HttpConfiguration();
        http.setRequestHeaderSize(LONGEST_HEAD);
        ServerConnector connector = new ServerConnector(jetty, 1, 1, new HttpConnectionFactory(http));
        connector.setHost("127.0.0.1");
        jetty.addConnector(connector);
        try {
            jetty.start();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        port = connector.getLocalPort();
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public void serve(TunnelService service) {
        services.add(service, Map.of());
    }

    /** What the HTTP whiteboard does when the context restarts. */
    public void restartContext() throws ServletException {
        ServletConfig config = servlet.getServletConfig();
        servlet.destroy();
        servlet.init(config);
    }

    @Override
    public int waiting() {
        return resource.waiting();
    }

    @Override
    public void release() {
        resource.release();
    }

    @Override
    public void close() {
        try {
            jetty.stop();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
