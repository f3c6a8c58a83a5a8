// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.config.ConfigException;
import io.httun.api.relay.RelayOrigin;
import io.httun.api.status.ListenerStatus;
import io.httun.api.status.Problem;
import io.httun.api.target.TargetConnector;
import io.httun.toolkit.config.LiveSettings;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** The common part of the listener components; a subclass reads its configuration. */
abstract class ConfiguredListener<S extends ListenerKindSettings> implements OriginStatus {
    /** May be replaced at any time; open connections keep the connector that made them. */
    @Reference(
            name = "connector",
            target = "(name=direct)",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    protected volatile TargetConnector connector;

    private final LocalListener listener;
    private final LiveSettings<S> settings;

    /** @throws ConfigException if the configuration is invalid */
    ConfiguredListener(
            String kind,
            ListenerParts parts,
            Function<Map<String, ?>, S> reader,
            BiFunction<ListenerClient, S, Negotiation> negotiation,
            Map<String, ?> properties) {
        this.settings = new LiveSettings<>(now -> "listener " + now.common().name(), reader, properties);
        this.listener =
                new LocalListener(kind, parts, () -> connector, client -> negotiation.apply(client, settings.get()));
    }

    @Activate
    void start() {
        listener.start(settings.get().common());
        settings.start(next -> listener.change(next.common()));
    }

    @Modified
    void modified(Map<String, Object> properties) {
        settings.update(properties);
    }

    @Deactivate
    void stop() {
        settings.close();
        listener.stop();
    }

    @Override
    public List<Problem> problems() {
        return Stream.concat(settings.problems().stream(), listener.problems().stream())
                .toList();
    }

    @Override
    public List<ListenerStatus> listeners() {
        return List.of(listener.status());
    }

    @Override
    public RelayOrigin origin() {
        return listener.origin();
    }
}
