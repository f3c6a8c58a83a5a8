// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.config.ConfigException;
import io.httun.api.relay.RelayEngine;
import io.httun.api.status.StatusSource;
import io.httun.api.target.TargetConnector;
import io.httun.api.tunnel.EventLoops;
import java.util.List;
import java.util.Map;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One local port to one target, as the stock client's socket mode. */
@Component(
        immediate = true,
        service = StatusSource.class,
        configurationPid = "io.httun.listener.port",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = PortConfig.class, factory = true)
public final class PortListener implements StatusSource {
    private static final Logger LOG = LoggerFactory.getLogger(PortListener.class);

    /** May come, go and be another one at any time; open connections keep the one that made them. */
    @Reference(
            name = "connector",
            target = "(name=direct)",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private volatile TargetConnector connector;

    private final LocalListener listener;
    private volatile PortSettings settings;

    @Activate
    public PortListener(@Reference EventLoops loops, @Reference RelayEngine engine, Map<String, Object> properties) {
        settings = PortSettings.read(properties);
        listener = new LocalListener(
                "port",
                loops,
                engine,
                () -> connector,
                (connection, common) -> new FixedNegotiation(connection, common, settings.target()));
    }

    @Activate
    void start() {
        listener.start(settings.common());
    }

    @Modified
    void modified(Map<String, Object> properties) {
        try {
            settings = PortSettings.read(properties);
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
