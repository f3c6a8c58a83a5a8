// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.cxf;

import java.util.Optional;
import javax.servlet.ServletRequest;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Request;

/**
 * Ends a pending read of a request body. The servlet API has no method for it, and Jetty logs a warning for each request that is
 * answered during a pending read: strangers could fill the log.
 */
final class JettyReadTimeout {
    private JettyReadTimeout() {}

    /**
     * Makes the web server report a read time-out to the body's listener. Returns the action that restores the time-out, for a body that is
     * completed at the same moment; empty if the web server does not support it: then the caller answers during the pending read.
     */
    static Optional<Runnable> expire(ServletRequest request) {
        try {
            return InJetty.expire(request);
        } catch (NoClassDefFoundError e) {
            // Another web server than Jetty.
            return Optional.empty();
        }
    }

    /** Loaded only when it is called. */
    private static final class InJetty {
        static Optional<Runnable> expire(ServletRequest request) {
            Request jetty = Request.getBaseRequest(request);
            // In HTTP/2 the end point belongs to other requests, too.
            EndPoint connection = jetty == null || !jetty.getProtocol().startsWith("HTTP/1")
                    ? null
                    : jetty.getHttpChannel().getEndPoint();
            if (connection == null) {
                return Optional.empty();
            }
            long before = connection.getIdleTimeout();
            connection.setIdleTimeout(1);
            return Optional.of(() -> connection.setIdleTimeout(before));
        }
    }
}
