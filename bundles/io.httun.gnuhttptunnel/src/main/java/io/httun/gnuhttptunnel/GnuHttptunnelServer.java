// SPDX-License-Identifier: Apache-2.0
package io.httun.gnuhttptunnel;

import io.httun.api.relay.RelayEngine;
import io.httun.api.status.StatusSource;
import io.httun.api.target.TargetConnector;
import io.httun.api.tunnel.EventLoops;
import io.httun.toolkit.carried.CarriedServer;
import io.httun.toolkit.carried.CarriedStatus;
import io.httun.toolkit.carried.PortServer;
import io.httun.toolkit.listen.ListeningPort;
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

/** A server for GNU httptunnel clients. */
@Component(
        immediate = true,
        service = StatusSource.class,
        configurationPid = "io.httun.gnuhttptunnel",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = GnuHttptunnelServerConfig.class, factory = true)
public final class GnuHttptunnelServer implements CarriedStatus {
    /** May come, go and be another one at any time; open connections keep the one that made them. */
    @Reference(
            name = "connector",
            target = "(name=direct)",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private volatile TargetConnector connector;

    private final CarriedServer<GnuHttptunnelServerSettings> server;
    private final PortServer<GnuHttptunnelServerSettings> port;

    @Activate
    public GnuHttptunnelServer(
            @Reference EventLoops loops, @Reference RelayEngine engine, Map<String, Object> properties) {
        server = new CarriedServer<>(
                "gnuhttptunnel", engine, () -> connector, GnuHttptunnelServerSettings::read, properties);
        port = new PortServer<>(server, loops, new GnuHttptunnelVisitors(server.settings(), server.origin()));
    }

    /** For use without a framework. */
    public GnuHttptunnelServer(
            EventLoops loops, RelayEngine engine, TargetConnector connector, Map<String, Object> properties) {
        this(loops, engine, properties);
        this.connector = connector;
    }

    @Activate
    public void start() {
        port.start();
    }

    @Modified
    public void modified(Map<String, Object> properties) {
        server.modified(properties);
    }

    @Deactivate
    public void stop() {
        port.stop();
    }

    public ListeningPort port() {
        return port.port();
    }

    @Override
    public CarriedServer<GnuHttptunnelServerSettings> server() {
        return server;
    }
}
