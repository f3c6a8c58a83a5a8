// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.config.ConfigException;
import io.httun.api.status.StatusSource;
import io.httun.api.target.TargetConnector;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the components of all kinds of listeners do alike; a subclass says how its configuration is read. */
abstract class ConfiguredListener<S extends KindSettings> implements StatusSource {
    private static final Logger LOG = LoggerFactory.getLogger(ConfiguredListener.class);

    /** May come, go and be another one at any time; open connections keep the one that made them. */
    @Reference(
            name = "connector",
            target = "(name=direct)",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    protected volatile TargetConnector connector;

    private final Function<Map<String, ?>, S> reader;
    private final LocalListener listener;
    private volatile S settings;

    /** @throws ConfigException if the configuration is wrong */
    ConfiguredListener(
            String kind,
            ListenerParts parts,
            Function<Map<String, ?>, S> reader,
            BiFunction<Client, S, Negotiation> negotiation,
            Map<String, ?> properties) {
        this.reader = reader;
        this.settings = reader.apply(properties);
        this.listener = new LocalListener(kind, parts, () -> connector, client -> negotiation.apply(client, settings));
    }

    @Activate
    void start() {
        listener.start(settings.common());
    }

    @Modified
    void modified(Map<String, Object> properties) {
        try {
            settings = reader.apply(properties);
            listener.change(settings.common());
        } catch (ConfigException e) {
            LOG.error(
                    "{}; listener {} keeps its configuration",
                    e.getMessage(),
                    settings.common().name());
        }
    }

    @Deactivate
    void stop() {
        listener.stop();
    }

    @Override
    public List<ListenerStatus> listeners() {
        return List.of(listener.status());
    }

    @Override
    public List<ConnectionStatus> connections() {
        return listener.origin().connections();
    }

    @Override
    public List<ConnectionStatus> closedConnections() {
        return listener.origin().closedConnections();
    }

    @Override
    public boolean closeConnection(String id) {
        return listener.origin().closeConnection(id);
    }
}
