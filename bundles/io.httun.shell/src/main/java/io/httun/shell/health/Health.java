// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.health;

import io.httun.api.status.HealthChecks;
import io.httun.api.status.HealthReport;
import io.httun.api.status.HealthSource;
import io.httun.api.status.HealthStatus;
import io.httun.api.status.Problem;
import io.httun.toolkit.status.Services;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/**
 * All deviations of this process from its configuration, from all sources. It asks again each time and needs no
 * event to have been seen. May block for some seconds: it asks the endpoints.
 */
@Component(service = HealthChecks.class)
public final class Health implements HealthChecks, HealthSource {
    private final List<Check> checks;
    private final Supplier<List<Check>> others;

    @Activate
    public Health(BundleContext context) {
        this(new Services(context));
    }

    public Health(Services services) {
        this(services, Path.of(System.getProperty("karaf.etc", "etc")));
    }

    /** @param etc the folder of the configuration files */
    Health(Services services, Path etc) {
        this(
                List.of(
                        check("parts", HealthStatus.WARN, new ReportedProblems(services)),
                        check("states", HealthStatus.CRITICAL, new StatusProblems(services)),
                        check("drain", HealthStatus.CRITICAL, new DrainProblems(services)),
                        check("proxies", HealthStatus.WARN, new ProxyProblems(services)),
                        check("components", HealthStatus.CRITICAL, new ComponentProblems(services)),
                        check("configuration", HealthStatus.WARN, new ConfigurationProblems(services, etc)),
                        check("filters", HealthStatus.CRITICAL, new FilterProblems(services)),
                        check("endpoints", HealthStatus.CRITICAL, new EndpointProbe(services)),
                        check("ports", HealthStatus.CRITICAL, new OwnPortProbe(services)),
                        check("disk", HealthStatus.CRITICAL, new DiskSpace(data(), DiskSpace.LEAST)),
                        new Check("event-loops", true, HealthStatus.CRITICAL, new EventLoopProblems(services))),
                () -> services.all(Check.class));
    }

    private static Path data() {
        return Path.of(System.getProperty("karaf.data", "")).toAbsolutePath();
    }

    /** @param others services that are there when it asks */
    Health(List<Check> checks, Supplier<List<Check>> others) {
        this.checks = checks;
        this.others = others;
    }

    static Check check(String name, HealthStatus severity, HealthSource source) {
        return new Check(name, false, severity, source);
    }

    @Override
    public List<Check> checks() {
        return Stream.concat(checks.stream(), others.get().stream()).toList();
    }

    @Override
    public List<Problem> problems() {
        return HealthReport.of(this).problems();
    }
}
