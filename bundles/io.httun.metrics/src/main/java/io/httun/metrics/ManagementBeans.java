// SPDX-License-Identifier: Apache-2.0
package io.httun.metrics;

import io.httun.api.status.ChannelStatus;
import io.httun.api.status.ConnectionStatus;
import io.httun.api.status.ConnectorStatus;
import io.httun.api.status.DrainStatus;
import io.httun.api.status.EndpointStatus;
import io.httun.api.status.FilterStatus;
import io.httun.api.status.LimitStatus;
import io.httun.api.status.ListenerStatus;
import io.httun.api.status.NodeStatus;
import io.httun.api.status.PipeStatus;
import io.httun.api.status.ProxyStatus;
import io.httun.api.status.RefusalStatus;
import io.httun.api.status.ReverseStatus;
import io.httun.api.status.SessionStatus;
import io.httun.api.status.StatusSource;
import io.httun.api.status.StreamStatus;
import io.httun.api.status.TunStatus;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The model as MBeans: one for each part that the configuration names, and one table for each kind that comes and goes. Those of parts
 * follow the configuration within the time between two calls of {@link #follow}. One thread at a time.
 */
final class ManagementBeans {
    static final ObjectName HEALTH = name("Health", "");

    private static final Logger LOG = LoggerFactory.getLogger(ManagementBeans.class);
    private static final String PLAIN = "[A-Za-z0-9._-]+";

    /** Gives one kind of rows, as {@code Services::status}. */
    interface Status {
        <R> List<R> rows(Function<StatusSource, List<R>> kind);
    }

    /** A kind of which each part has an MBean. */
    private record Kind<R extends Record>(
            String name, Class<R> type, Function<StatusSource, List<R>> rows, Function<R, String> keys) {}

    private static final List<Kind<?>> PARTS = List.of(
            new Kind<>(
                    "Channel",
                    ChannelStatus.class,
                    StatusSource::channels,
                    row -> ",side=" + row.side() + key("name", row.name())),
            new Kind<>("Listener", ListenerStatus.class, StatusSource::listeners, row -> key("name", row.name())),
            new Kind<>(
                    "Endpoint",
                    EndpointStatus.class,
                    StatusSource::endpoints,
                    row -> ",kind=" + row.kind() + key("name", row.name())),
            new Kind<>("Filter", FilterStatus.class, StatusSource::filters, row -> key("name", row.name())),
            new Kind<>("Connector", ConnectorStatus.class, StatusSource::connectors, row -> key("name", row.name())),
            new Kind<>(
                    "Proxy",
                    ProxyStatus.class,
                    StatusSource::proxies,
                    row -> key("connector", row.connector()) + key("name", row.name())),
            new Kind<>("Tun", TunStatus.class, StatusSource::tuns, row -> key("name", row.name())));

    private final MBeanServer server;
    private final Status status;
    private final Map<ObjectName, Object> registered = new HashMap<>();

    ManagementBeans(MBeanServer server, Status status) {
        this.server = server;
        this.status = status;
    }

    private static String key(String key, String value) {
        return "," + key + "=" + (value.matches(PLAIN) ? value : ObjectName.quote(value));
    }

    private static ObjectName name(String type, String keys) {
        try {
            return new ObjectName("io.httun:type=" + type + keys);
        } catch (MalformedObjectNameException e) {
            throw new IllegalArgumentException(type + keys, e);
        }
    }

    void start(HealthBean health) {
        register(HEALTH, health);
        table("Sessions", SessionStatus.class, StatusSource::sessions);
        table("Pipes", PipeStatus.class, StatusSource::pipes);
        table("Streams", StreamStatus.class, StatusSource::streams);
        table("Connections", ConnectionStatus.class, StatusSource::connections);
        table("Reverses", ReverseStatus.class, StatusSource::reverses);
        table("Drains", DrainStatus.class, StatusSource::drains);
        table("Nodes", NodeStatus.class, StatusSource::nodes);
        table("Limits", LimitStatus.class, StatusSource::limits);
        table("Refusals", RefusalStatus.class, StatusSource::refusals);
        follow();
    }

    private <R extends Record> void table(String name, Class<R> type, Function<StatusSource, List<R>> rows) {
        register(name(name, ""), new TableBean(type, () -> status.rows(rows)));
    }

    /** Adds the beans of new parts, and takes those away whose parts have gone. */
    void follow() {
        Map<ObjectName, Supplier<RowBean>> wanted = new HashMap<>();
        PARTS.forEach(kind -> want(wanted, kind));
        for (ObjectName gone : new TreeSet<>(registered.keySet())) {
            if (registered.get(gone) instanceof RowBean && !wanted.containsKey(gone)) {
                unregister(gone);
            }
        }
        wanted.forEach((name, bean) -> {
            if (!registered.containsKey(name)) {
                register(name, bean.get());
            }
        });
    }

    private <R extends Record> void want(Map<ObjectName, Supplier<RowBean>> wanted, Kind<R> kind) {
        for (R row : status.rows(kind.rows())) {
            String keys = kind.keys().apply(row);
            wanted.put(
                    name(kind.name(), keys),
                    () -> new RowBean(kind.type(), () -> status.rows(kind.rows()).stream()
                            .filter(now -> kind.keys().apply(now).equals(keys))
                            .findFirst()));
        }
    }

    private void register(ObjectName name, Object bean) {
        try {
            server.registerMBean(bean, name);
            registered.put(name, bean);
        } catch (JMException e) {
            LOG.warn("Cannot register MBean {}", name, e);
        }
    }

    private void unregister(ObjectName name) {
        registered.remove(name);
        try {
            server.unregisterMBean(name);
        } catch (JMException e) {
            LOG.debug("MBean {} was not registered", name, e);
        }
    }

    void stop() {
        new TreeSet<>(registered.keySet()).forEach(this::unregister);
    }
}
