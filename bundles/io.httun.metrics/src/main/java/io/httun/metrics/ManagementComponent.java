// SPDX-License-Identifier: Apache-2.0
package io.httun.metrics;

import io.httun.api.status.HealthReport;
import io.httun.api.status.HealthStatus;
import io.httun.toolkit.jdk.DaemonClock;
import io.httun.toolkit.status.Services;
import java.lang.management.ManagementFactory;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the MBeans in this JVM's own MBean server. Opens no port: that is Karaf's management feature's affair. */
@Component(
        immediate = true,
        service = {})
public final class ManagementComponent {
    private static final Logger LOG = LoggerFactory.getLogger(ManagementComponent.class);

    /** A new part is seen after so long; a look costs a snapshot of the parts. */
    private static final long LOOK_SECONDS = 2;

    private final HealthWatch health;
    private final HealthBean healthBean;
    private final BiConsumer<HealthStatus, HealthReport> listener;
    private final ManagementBeans beans;
    private final ScheduledExecutorService clock = DaemonClock.named("httun-management");

    @Activate
    public ManagementComponent(BundleContext context, @Reference HealthWatch health) {
        this.health = health;
        healthBean = new HealthBean(health::latest);
        listener = healthBean::changed;
        beans = new ManagementBeans(ManagementFactory.getPlatformMBeanServer(), new Services(context)::status);
    }

    @Activate
    void start() {
        clock.execute(() -> beans.start(healthBean));
        clock.scheduleWithFixedDelay(this::follow, LOOK_SECONDS, LOOK_SECONDS, TimeUnit.SECONDS);
        health.listen(listener);
    }

    private void follow() {
        try {
            beans.follow();
        } catch (RuntimeException e) {
            // An exception would end the clock. A part may stop while it is asked.
            LOG.debug("Cannot update the MBeans now", e);
        }
    }

    @Deactivate
    void stop() throws InterruptedException {
        health.forget(listener);
        clock.shutdownNow();
        clock.awaitTermination(LOOK_SECONDS, TimeUnit.SECONDS);
        beans.stop();
    }
}
