// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.carried;

import io.httun.api.config.ConfigException;
import io.httun.api.relay.RelayEngine;
import io.httun.api.relay.RelayOrigin;
import io.httun.api.relay.RelaySettings;
import io.httun.api.status.ConnectionStatus;
import io.httun.api.status.ListenerStatus;
import io.httun.api.status.Problem;
import io.httun.api.status.StatusSource;
import io.httun.api.target.TargetConnector;
import io.httun.toolkit.config.BasicCredentials;
import io.httun.toolkit.config.LiveSettings;
import io.httun.toolkit.listen.OpenDoor;
import io.httun.toolkit.net.NetworkSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The common part of the server components of all protocols: a component holds one, and its own reference to the connector to the targets. */
public final class CarriedServer<S extends CarriedServer.Settings> implements StatusSource {
    private static final Logger LOG = LoggerFactory.getLogger(CarriedServer.class);

    /** A configuration, checked. */
    public interface Settings {
        RelaySettings relay();

        /** The sources that may connect. */
        NetworkSet sources();

        /** Empty if no login is required. */
        Optional<BasicCredentials> credentials();

        /** @param authorization value of the header; empty if there is none */
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

    /** How a protocol is reached by its clients. */
    public interface Entrance<S> {
        /** Another configuration has been accepted. */
        void changed(S old, S now);

        /** Where it can be reached by others, such as {@code 0.0.0.0:8888}; empty where only this host can. */
        Optional<String> openAt();

        /** Where it listens or is mounted, for the status. */
        String address();

        /** For the status, such as {@code open}. */
        String state();
    }

    private final OpenDoor door = new OpenDoor(LOG);
    private final String kind;
    private final RelayOrigin origin;
    private S used;
    private volatile Entrance<S> entrance;
    private final LiveSettings<S> settings;

    /**
     * @param kind the protocol's name, for the log and the status
     * @param connector leads to the targets; may give another one at any time, and null while there is none. Open connections keep theirs
     * @throws ConfigException if the configuration is wrong
     */
    public CarriedServer(
            String kind,
            RelayEngine engine,
            Supplier<TargetConnector> connector,
            Function<Map<String, ?>, S> reader,
            Map<String, ?> properties) {
        this.kind = kind;
        this.settings =
                new LiveSettings<>(now -> kind + " server " + now.relay().name(), reader, properties);
        this.origin = engine.open(settings.get().relay(), connector);
        this.used = settings.get();
    }

    /** Lets clients come, and the configuration change. */
    public void start(Entrance<S> open) {
        entrance = open;
        settings.start(this::change);
        look();
    }

    /** Takes another configuration, unless it is wrong. */
    public void modified(Map<String, ?> properties) {
        settings.update(properties);
    }

    private void change(S next) {
        S old = used;
        used = next;
        origin.change(next.relay());
        entrance.changed(old, next);
        look();
    }

    /** Checks again whether the port is open to everyone. */
    private void look() {
        S now = settings();
        Optional<String> at = entrance.openAt();
        door.change(
                toString(),
                at.isPresent() && now.sources().holdsAll() && now.credentials().isEmpty(),
                at.orElse(""),
                "name the addresses that may come in sources, or a basic.auth.file");
    }

    @Override
    public List<Problem> problems() {
        return Stream.concat(settings.problems().stream(), door.problems().stream())
                .toList();
    }

    /** Closes the connections and stops watching files. */
    public void stop() {
        settings.close();
        origin.close();
    }

    public S settings() {
        return settings.get();
    }

    public RelayOrigin origin() {
        return origin;
    }

    @Override
    public List<ListenerStatus> listeners() {
        Entrance<S> now = entrance;
        return List.of(new ListenerStatus(
                settings().relay().name(),
                kind,
                now == null ? "" : now.address(),
                now == null ? "closed" : now.state(),
                origin.open(),
                origin.accepted(),
                origin.refused()));
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
        return kind + " server " + settings().relay().name();
    }
}
