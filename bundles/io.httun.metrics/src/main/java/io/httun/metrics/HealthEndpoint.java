// SPDX-License-Identifier: Apache-2.0
package io.httun.metrics;

import io.httun.api.status.HealthReport;
import io.httun.toolkit.config.LiveSettings;
import io.httun.toolkit.web.PublishedServlet;
import java.util.Map;
import javax.servlet.Servlet;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;

/** The health in Karaf's web server. Its configuration is the metrics'. */
@Component(
        immediate = true,
        service = HealthEndpoint.class,
        configurationPid = MetricsComponent.PID,
        configurationPolicy = ConfigurationPolicy.OPTIONAL)
public final class HealthEndpoint {
    private final LiveSettings<MetricsSettings> configured;
    private final PublishedServlet<Servlet> servlet;

    /** @throws io.httun.api.config.ConfigException if the configuration is wrong */
    @Activate
    public HealthEndpoint(BundleContext context, @Reference FelixHealthChecks checks, Map<String, Object> properties) {
        configured = new LiveSettings<>(now -> "the health", MetricsSettings::read, properties);
        servlet = new PublishedServlet<>(
                context,
                "httun health",
                Servlet.class,
                new HealthServlet(
                        tag -> new HealthReport(checks.run(tag)),
                        request -> Reading.isAllowed(configured.get().healthAccess(), request)));
    }

    @Activate
    void start() {
        configured.start(this::publish);
        publish(configured.get());
    }

    private void publish(MetricsSettings settings) {
        servlet.at(settings.healthAccess().isOff() ? "" : settings.healthPath());
    }

    @Modified
    void modified(Map<String, Object> properties) {
        configured.update(properties);
    }

    @Deactivate
    void stop() {
        configured.close();
        servlet.at("");
    }
}
