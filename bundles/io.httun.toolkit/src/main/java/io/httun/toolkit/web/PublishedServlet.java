// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.web;

import io.httun.api.config.ConfigException;
import java.util.Hashtable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A servlet in Karaf's web server through the HTTP whiteboard, whose path may change. Thread-safe.
 *
 * @param <S> {@code javax.servlet.Servlet}
 */
public final class PublishedServlet<S> {
    private static final Logger LOG = LoggerFactory.getLogger(PublishedServlet.class);

    private final BundleContext context;
    private final String name;
    private final Class<S> type;
    private final S servlet;
    private String path = "";
    private ServiceRegistration<S> registration;

    /** @param name for the web server and the log */
    public PublishedServlet(BundleContext context, String name, Class<S> type, S servlet) {
        this.context = context;
        this.name = name;
        this.type = type;
        this.servlet = servlet;
    }

    /**
     * Checks a configured path.
     *
     * @return {@code path}
     * @throws ConfigException naming the property
     */
    public static String path(String property, String path) {
        if (!path.matches("(/[A-Za-z0-9._-]+)+")) {
            throw new ConfigException(property, path, "must be a path such as /metrics");
        }
        return path;
    }

    /** @param wanted empty for nowhere */
    public synchronized void at(String wanted) {
        if (wanted.equals(path)) {
            return;
        }
        if (registration != null) {
            registration.unregister();
            registration = null;
        }
        path = wanted;
        if (!path.isEmpty()) {
            Hashtable<String, Object> properties = new Hashtable<>();
            properties.put("osgi.http.whiteboard.servlet.pattern", new String[] {path, path + "/*"});
            properties.put("osgi.http.whiteboard.servlet.name", name);
            registration = context.registerService(type, servlet, properties);
            LOG.info("{} at {}", name, path);
        }
    }
}
