// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import io.httun.api.config.ConfigException;
import io.httun.api.relay.ConnectionListener;
import io.httun.api.relay.ConnectionSummary;
import io.httun.api.relay.RelayEngine;
import io.httun.api.relay.RelayOrigin;
import io.httun.api.relay.RelaySettings;
import io.httun.api.target.TargetAdmission;
import io.httun.api.target.TargetConnector;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What all listeners share: the gate, the fair shares of the loops, and who is told of connections that have ended. */
@Component(configurationPid = "io.httun.relay", configurationPolicy = ConfigurationPolicy.OPTIONAL)
@Designate(ocd = EngineConfig.class)
public final class Engine implements RelayEngine {
    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

    private final TargetAdmission admission;
    /** Loops live as long as the process. */
    private final Map<EventLoop, FairLoop> fairLoops = new ConcurrentHashMap<>();

    private final List<ConnectionListener> listeners = new CopyOnWriteArrayList<>();
    private final JsonLog log = new JsonLog();
    private final Room room;
    private volatile EngineSettings settings;

    @Activate
    public Engine(@Reference TargetAdmission admission, Map<String, Object> properties) {
        this(admission, properties, new Room());
    }

    Engine(TargetAdmission admission, Map<String, Object> properties, Room room) {
        this.admission = admission;
        this.room = room;
        this.settings = EngineSettings.read(properties);
    }

    @Modified
    void modified(Map<String, Object> properties) {
        try {
            settings = EngineSettings.read(properties);
        } catch (ConfigException e) {
            LOG.error("{}; the relay keeps its configuration", e.getMessage());
        }
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addListener(ConnectionListener listener) {
        listeners.add(listener);
    }

    void removeListener(ConnectionListener listener) {
        listeners.remove(listener);
    }

    @Override
    public RelayOrigin open(RelaySettings first, Supplier<TargetConnector> connector) {
        return new Origin(this, connector, first);
    }

    /** Why there is no room for one connection more; empty where there is. */
    String obstacle() {
        return room.obstacle(settings);
    }

    void began(Connection connection) {
        room.enter(connection);
    }

    TargetAdmission admission() {
        return admission;
    }

    FairLoop fairLoop(EventLoop loop) {
        return fairLoops.computeIfAbsent(loop, FairLoop::new);
    }

    /** On the connection's event loop. */
    void ended(Connection connection) {
        room.leave(connection);
        EngineSettings now = settings;
        if (!now.logJson() && listeners.isEmpty()) {
            return;
        }
        ConnectionSummary summary = connection.summary(now.discretion());
        if (now.logJson()) {
            log.ended(summary);
        }
        for (ConnectionListener listener : listeners) {
            try {
                listener.ended(summary);
            } catch (RuntimeException e) {
                LOG.warn("A listener failed on connection {}", summary.id(), e);
            }
        }
    }
}
