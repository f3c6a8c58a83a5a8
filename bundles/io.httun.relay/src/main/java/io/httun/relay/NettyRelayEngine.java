// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import io.httun.api.relay.ConnectionListener;
import io.httun.api.relay.ConnectionSummary;
import io.httun.api.relay.RelayEngine;
import io.httun.api.relay.RelayOrigin;
import io.httun.api.relay.RelaySettings;
import io.httun.api.status.LimitStatus;
import io.httun.api.status.StatusSource;
import io.httun.api.status.UserStatus;
import io.httun.api.target.TargetAdmission;
import io.httun.api.target.TargetConnector;
import io.httun.toolkit.config.LiveSettings;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.stream.Stream;
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

/** Shared by all listeners: admission, limits, fair scheduling per event loop, and the listeners of connection ends. */
@Component(
        service = {RelayEngine.class, StatusSource.class},
        configurationPid = "io.httun.relay",
        configurationPolicy = ConfigurationPolicy.OPTIONAL)
@Designate(ocd = RelayConfig.class)
public final class NettyRelayEngine implements RelayEngine, StatusSource {
    private static final Logger LOG = LoggerFactory.getLogger(NettyRelayEngine.class);

    private final TargetAdmission admission;
    /** Grows to the number of event loops, which live as long as the process. */
    private final Map<EventLoop, FairLoop> fairLoops = new ConcurrentHashMap<>();

    private final List<ConnectionListener> listeners = new CopyOnWriteArrayList<>();
    private final Set<ListenerOrigin> origins = ConcurrentHashMap.newKeySet();
    private final JsonLog log = new JsonLog();
    private final RelayCapacity room;
    private final LiveSettings<RelayEngineSettings> settings;

    @Activate
    public NettyRelayEngine(@Reference TargetAdmission admission, Map<String, Object> properties) {
        this(admission, properties, new RelayCapacity());
    }

    NettyRelayEngine(TargetAdmission admission, Map<String, Object> properties, RelayCapacity room) {
        this.admission = admission;
        this.room = room;
        this.settings = new LiveSettings<>(now -> "the relay", RelayEngineSettings::read, properties).start();
    }

    @Modified
    void modified(Map<String, Object> properties) {
        settings.update(properties);
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
        ListenerOrigin origin = new ListenerOrigin(this, connector, first);
        origins.add(origin);
        return origin;
    }

    /** It takes no connections any more. */
    void closed(ListenerOrigin origin) {
        origins.remove(origin);
    }

    @Override
    public List<LimitStatus> limits() {
        return Stream.concat(
                        room.limits(settings.get()).stream(), origins.stream().map(ListenerOrigin::limit))
                .toList();
    }

    @Override
    public List<UserStatus> users() {
        StatisticsPrivacy privacy = settings.get().discretion();
        return origins.stream().flatMap(origin -> origin.users(privacy)).toList();
    }

    /** Returns the limit that refuses a new connection; empty if there is room. */
    String obstacle() {
        return room.obstacle(settings.get());
    }

    void began(AcceptedConnection connection) {
        room.enter(connection);
    }

    TargetAdmission admission() {
        return admission;
    }

    FairLoop fairLoop(EventLoop loop) {
        return fairLoops.computeIfAbsent(loop, FairLoop::new);
    }

    /** On the connection's event loop. */
    void ended(AcceptedConnection connection) {
        room.leave(connection);
        RelayEngineSettings now = settings.get();
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
                LOG.warn("A connection listener failed for connection {}", summary.id(), e);
            }
        }
    }
}
