// SPDX-License-Identifier: Apache-2.0
package io.httun.metrics;

import io.httun.api.status.HealthChecks;
import io.httun.api.status.HealthStatus;
import io.httun.api.status.Problem;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.felix.hc.api.HealthCheck;
import org.apache.felix.hc.api.execution.HealthCheckExecutionOptions;
import org.apache.felix.hc.api.execution.HealthCheckExecutor;
import org.apache.felix.hc.api.execution.HealthCheckSelector;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * Gives each of our checks to Felix, whose executor runs them side by side, bounds their time and shows them as MBeans; and lets what checks of
 * others find (disk space, memory, DS components) be part of our verdict.
 */
@Component(
        immediate = true,
        service = {FelixHealthChecks.class})
public final class FelixHealthChecks {
    static final String OURS = "httun";
    static final String LIVE = "live";
    static final String READY = "ready";

    /** A check asks each endpoint over HTTP for up to some seconds. */
    private static final int TIMEOUT_MILLIS = 20_000;

    private final HealthCheckExecutor executor;
    private final List<ServiceRegistration<?>> registered = new ArrayList<>();

    @Activate
    public FelixHealthChecks(
            BundleContext context, @Reference HealthChecks checks, @Reference HealthCheckExecutor executor) {
        this.executor = executor;
        for (HealthChecks.Check check : checks.checks()) {
            HealthCheck given = () -> new FoundProblems(check.run());
            registered.add(context.registerService(HealthCheck.class, given, properties(check)));
        }
        for (HealthStatus severity : List.of(HealthStatus.CRITICAL, HealthStatus.WARN)) {
            HealthChecks.Check others = new HealthChecks.Check(
                    "others-" + severity.name().toLowerCase(Locale.ROOT), false, severity, () -> others(severity));
            registered.add(context.registerService(HealthChecks.Check.class, others, new Hashtable<>()));
            HealthCheck given = () -> new FoundProblems(others.run());
            registered.add(context.registerService(HealthCheck.class, given, properties(others)));
        }
    }

    private static Dictionary<String, Object> properties(HealthChecks.Check check) {
        Hashtable<String, Object> properties = new Hashtable<>();
        properties.put(HealthCheck.NAME, "httun " + check.name());
        properties.put(HealthCheck.MBEAN_NAME, "httun-" + check.name());
        properties.put(HealthCheck.TAGS, check.live() ? new String[] {OURS, READY, LIVE} : new String[] {OURS, READY});
        return properties;
    }

    /** @param tag of the checks to run; {@link #OURS} for all */
    List<HealthChecks.Result> run(String tag) {
        return execute(HealthCheckSelector.tags(OURS, tag)).toList();
    }

    private List<Problem> others(HealthStatus severity) {
        return execute(HealthCheckSelector.tags("-" + OURS))
                .filter(result -> result.status() == severity)
                .flatMap(result -> result.problems().stream())
                .toList();
    }

    private Stream<HealthChecks.Result> execute(HealthCheckSelector selector) {
        return executor
                .execute(selector, new HealthCheckExecutionOptions().setOverrideGlobalTimeout(TIMEOUT_MILLIS))
                .stream()
                .map(FoundProblems::of);
    }

    @Deactivate
    void stop() {
        registered.forEach(ServiceRegistration::unregister);
    }
}
