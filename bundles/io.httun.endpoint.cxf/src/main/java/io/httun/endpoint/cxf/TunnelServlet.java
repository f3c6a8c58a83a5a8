// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.cxf;

import java.io.IOException;
import java.time.Duration;
import javax.servlet.ReadListener;
import javax.servlet.ServletConfig;
import javax.servlet.ServletException;
import javax.servlet.ServletInputStream;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletRequestWrapper;
import javax.servlet.http.HttpServletResponse;
import org.apache.cxf.Bus;
import org.apache.cxf.transport.http.DestinationRegistry;
import org.apache.cxf.transport.servlet.CXFNonSpringServlet;

/**
 * CXF's servlet with two changes. It reads each body without blocking before JAX-RS sees the request, because CXF has no
 * other than blocking input. And a web server may destroy and initialise it any number of times, as happens when a context
 * restarts: the bus belongs to the endpoint.
 */
final class TunnelServlet extends CXFNonSpringServlet {
    private static final long serialVersionUID = 1L;

    private final transient ArrivingBodies bodies;
    private final Duration progress;

    TunnelServlet(Bus bus, DestinationRegistry destinations, ArrivingBodies bodies) {
        this(bus, destinations, bodies, ArrivingBody.PROGRESS);
    }

    TunnelServlet(Bus bus, DestinationRegistry destinations, ArrivingBodies bodies, Duration progress) {
        super(destinations, false);
        this.bodies = bodies;
        this.progress = progress;
        setBus(bus);
    }

    @Override
    protected void invoke(HttpServletRequest request, HttpServletResponse response) throws ServletException {
        if (!RequestBytes.isAttachedTo(request) && ArrivingBody.hasBody(request)) {
            try {
                ArrivingBody body = new ArrivingBody(request, bodies, progress);
                if (!body.arrivedWithHead() && body.await(response)) {
                    return;
                }
            } catch (IOException e) {
                throw new ServletException(e);
            }
        }
        super.invoke(new WithoutBody(request), response);
    }

    /** The bus would keep every context that there has been; nothing of ours is looked up in one. */
    @Override
    protected void registerServletContextResolver(ServletConfig config) {}

    /** Another {@code init} may follow: bus and destinations are the endpoint's, which ends them itself. */
    @Override
    public void destroy() {}

    /** The request for JAX-RS, which would read the body again and block. */
    private static final class WithoutBody extends HttpServletRequestWrapper {
        WithoutBody(HttpServletRequest request) {
            super(request);
        }

        @Override
        public ServletInputStream getInputStream() {
            return new Nothing();
        }
    }

    private static final class Nothing extends ServletInputStream {
        @Override
        public int read() {
            return -1;
        }

        @Override
        public boolean isFinished() {
            return true;
        }

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void setReadListener(ReadListener listener) {
            throw new IllegalStateException("the body has been read");
        }
    }
}
