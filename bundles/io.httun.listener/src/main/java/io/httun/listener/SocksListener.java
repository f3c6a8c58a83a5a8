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

/** A SOCKS proxy. */
@Component(
        immediate = true,
        service = StatusSource.class,
        configurationPid = "io.httun.listener.socks",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = SocksConfig.class, factory = true)
public final class SocksListener implements StatusSource {
    private static final Logger LOG = LoggerFactory.getLogger(SocksListener.class);

    /** May come, go and be another one at any time; open connections keep the one that made them. */
    @Reference(
            name = "connector",
            target = "(name=direct)",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private volatile TargetConnector connector;

    private final LocalListener listener;
    private volatile ListenerSettings settings;

    @Activate
    public SocksListener(@Reference EventLoops loops, @Reference RelayEngine engine, Map<String, Object> properties) {
        settings = ListenerSettings.socks(properties);
        listener = new LocalListener("socks", loops, engine, () -> connector, SocksNegotiation::new);
    }

    @Activate
    void start() {
        listener.start(settings);
    }

    @Modified
    void modified(Map<String, Object> properties) {
        try {
            settings = ListenerSettings.socks(properties);
            listener.change(settings);
        } catch (ConfigException e) {
            LOG.error("{}; listener {} keeps its configuration", e.getMessage(), settings.name());
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
