// SPDX-License-Identifier: Apache-2.0
package io.httun.api.carried;

import io.httun.api.config.BasicCredentials;
import io.httun.api.config.ConfigException;
import io.httun.api.relay.RelayEngine;
import io.httun.api.relay.RelayOrigin;
import io.httun.api.relay.RelaySettings;
import io.httun.api.status.StatusSource;
import io.httun.api.target.TargetConnector;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the server components of all protocols do alike. A subclass is the component; its bundle is built with bnd's
 * {@code -dsannotations-options: inherit}.
 */
public abstract class CarriedServer<S extends CarriedServer.Settings> implements StatusSource {
    private static final Logger LOG = LoggerFactory.getLogger(CarriedServer.class);

    /** A configuration, checked. */
    public interface Settings {
        RelaySettings relay();

        /** Who may come. */
        SourceList sources();

        /** Empty where nobody has to log in. */
        Optional<BasicCredentials> credentials();

        /** @param authorization value of the header; empty where there is none */
        default boolean mayUse(String authorization) {
            return credentials().map(wanted -> wanted.matches(authorization)).orElse(true);
        }

        /**
         * Reads the property {@code basic.auth.file}, which may be empty.
         *
         * @throws ConfigException if the file cannot be read
         */
        static Optional<BasicCredentials> credentials(String file) {
            return file.isEmpty() ? Optional.empty() : Optional.of(BasicCredentials.read("basic.auth.file", file));
        }
    }

    /** May come, go and be another one at any time; open connections keep the one that made them. */
    @Reference(
            name = "connector",
            target = "(name=direct)",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    protected volatile TargetConnector connector;

    private final String kind;
    private final Function<Map<String, ?>, S> reader;
    private final RelayOrigin origin;
    private volatile S settings;

    /**
     * @param kind the protocol's name, for the log and the status
     * @throws ConfigException if the configuration is wrong
     */
    protected CarriedServer(
            String kind, RelayEngine engine, Function<Map<String, ?>, S> reader, Map<String, ?> properties) {
        this.kind = kind;
        this.reader = reader;
        this.settings = reader.apply(properties);
        this.origin = engine.open(settings.relay(), () -> connector);
    }

    @Modified
    public void modified(Map<String, Object> properties) {
        S next;
        try {
            next = reader.apply(properties);
        } catch (ConfigException e) {
            LOG.error("{}; {} keeps its configuration", e.getMessage(), this);
            return;
        }
        S old = settings;
        settings = next;
        origin.change(next.relay());
        changed(old, next);
    }

    /** Another configuration has been accepted. */
    protected abstract void changed(S old, S now);

    @Deactivate
    public void stop() {
        origin.close();
    }

    protected final S settings() {
        return settings;
    }

    protected final RelayOrigin origin() {
        return origin;
    }

    /** Where and whether it can be reached. */
    protected final List<ListenerStatus> status(String address, String state) {
        return List.of(new ListenerStatus(
                settings.relay().name(), kind, address, state, origin.open(), origin.accepted(), origin.refused()));
    }

    @Override
    public List<ConnectionStatus> connections() {
        return origin.connections();
    }

    @Override
    public List<ConnectionStatus> closedConnections() {
        return origin.closedConnections();
    }

    @Override
    public boolean closeConnection(String id) {
        return origin.closeConnection(id);
    }

    @Override
    public String toString() {
        return kind + " server " + settings.relay().name();
    }
}
