// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.relay.RelayOrigin;
import io.httun.api.status.Problem;
import io.httun.api.status.ReverseStatus;
import io.httun.api.status.StatusSource;
import io.httun.api.stream.StreamAcceptor;
import io.httun.api.target.TargetConnector;
import io.httun.toolkit.config.LiveSettings;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
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

/** A port of a server whose connections go to a target at this side. */
@Component(
        immediate = true,
        service = StatusSource.class,
        configurationPid = "io.httun.reverse",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = ReverseConfig.class, factory = true)
public final class ReverseListener implements OriginStatus {
    @Reference(
            name = "connector",
            target = "(name=direct)",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private volatile TargetConnector connector;

    /** The waiting streams of a removed client end by themselves, and are opened again through its successor. */
    @Reference(
            name = "client",
            target = "(name=home)",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private volatile StreamAcceptor client;

    private final LiveSettings<ReverseSettings> settings;
    private final ReversePort port;

    @Activate
    public ReverseListener(@Reference ListenerParts parts, Map<String, Object> properties) {
        settings = new LiveSettings<>(now -> "reverse " + now.name(), ReverseSettings::read, properties);
        port = new ReversePort(parts, settings.get(), () -> client, () -> connector);
    }

    @Activate
    void start() {
        port.start();
        settings.start(port::change);
    }

    @Modified
    void modified(Map<String, Object> properties) {
        settings.update(properties);
    }

    @Deactivate
    void stop() {
        settings.close();
        port.stop();
    }

    @Override
    public List<Problem> problems() {
        return Stream.concat(settings.problems().stream(), port.problems().stream())
                .toList();
    }

    @Override
    public List<ReverseStatus> reverses() {
        return List.of(port.status());
    }

    @Override
    public RelayOrigin origin() {
        return port.origin();
    }
}
