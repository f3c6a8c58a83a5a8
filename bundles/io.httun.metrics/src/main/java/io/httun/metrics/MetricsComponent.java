// SPDX-License-Identifier: Apache-2.0
package io.httun.metrics;

import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.KeyAgreement;
import io.httun.api.relay.ConnectionListener;
import io.httun.api.relay.ConnectionSummary;
import io.httun.api.status.HealthSource;
import io.httun.api.status.Problem;
import io.httun.api.status.StatusSource;
import io.httun.api.stream.StreamMultiplexer;
import io.httun.api.tunnel.EventLoops;
import io.httun.toolkit.config.LiveSettings;
import io.httun.toolkit.jdk.DaemonClock;
import io.httun.toolkit.status.Services;
import io.httun.toolkit.web.PublishedServlet;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.servlet.Servlet;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The metrics of this process. */
@Component(
        immediate = true,
        service = {ConnectionListener.class, HealthSource.class},
        configurationPid = MetricsComponent.PID,
        configurationPolicy = ConfigurationPolicy.OPTIONAL)
@Designate(ocd = MetricsConfig.class)
public final class MetricsComponent implements ConnectionListener, HealthSource {
    static final String PID = "io.httun.metrics";

    private static final Logger LOG = LoggerFactory.getLogger(MetricsComponent.class);
    private static final String CIPHER = "FrameCipher";
    private static final String AGREEMENT = "KeyAgreement";
    private static final String STREAMS = "StreamMultiplexer";

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final LiveSettings<MetricsSettings> configured;
    private final EndedConnections ended = new EndedConnections(registry);
    private final SwapStalls stalls = new SwapStalls(registry, System::nanoTime, List.of(CIPHER, AGREEMENT, STREAMS));
    private final ClientExchanges exchanges = new ClientExchanges(registry);
    private final SampledTimes samples;
    private final ScheduledExecutorService clock;
    private final PublishedServlet<Servlet> servlet;

    /** @throws io.httun.api.config.ConfigException if the configuration is wrong */
    @Activate
    public MetricsComponent(
            BundleContext context,
            @Reference EventLoops loops,
            @Reference HealthWatch health,
            Map<String, Object> properties) {
        Services services = new Services(context);
        configured = new LiveSettings<>(now -> "the metrics", MetricsSettings::read, properties);
        samples = new SampledTimes(registry, loops.group(), () -> services.status(StatusSource::pipes));
        registry.register(
                new StatusMetrics(services::snapshot, () -> configured.get().users()));
        registry.register(new HealthMetrics(health::latest));
        JvmMetrics.builder().register(registry);
        servlet = new PublishedServlet<>(
                context,
                "httun metrics",
                Servlet.class,
                new Exposition(
                        registry, request -> Reading.isAllowed(configured.get().access(), request)));
        clock = DaemonClock.named("httun-metrics");
    }

    @Activate
    void start() {
        configured.start(this::publish);
        publish(configured.get());
        exchanges.start();
        clock.scheduleWithFixedDelay(this::sample, 1, 1, TimeUnit.SECONDS);
    }

    private void sample() {
        try {
            samples.take();
        } catch (RuntimeException e) {
            // An exception would end the clock. A part may stop while it is asked.
            LOG.debug("Cannot take a sample", e);
        }
    }

    private void publish(MetricsSettings settings) {
        servlet.at(settings.access().isOff() ? "" : settings.path());
    }

    @Modified
    void modified(Map<String, Object> properties) {
        configured.update(properties);
    }

    @Deactivate
    void stop() {
        clock.shutdownNow();
        exchanges.stop();
        configured.close();
        servlet.at("");
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addCipher(FrameCipher cipher) {
        stalls.came(CIPHER);
    }

    void removeCipher(FrameCipher cipher) {
        stalls.went(CIPHER);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addAgreement(KeyAgreement agreement) {
        stalls.came(AGREEMENT);
    }

    void removeAgreement(KeyAgreement agreement) {
        stalls.went(AGREEMENT);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addStreams(StreamMultiplexer streams) {
        stalls.came(STREAMS);
    }

    void removeStreams(StreamMultiplexer streams) {
        stalls.went(STREAMS);
    }

    @Override
    public void ended(ConnectionSummary summary) {
        ended.ended(summary);
    }

    @Override
    public List<Problem> problems() {
        return configured.problems();
    }
}
