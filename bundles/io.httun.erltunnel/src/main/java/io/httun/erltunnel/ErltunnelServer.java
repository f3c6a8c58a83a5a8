// SPDX-License-Identifier: Apache-2.0
package io.httun.erltunnel;

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

/** A server for Erltunnel clients. */
@Component(
        immediate = true,
        service = StatusSource.class,
        configurationPid = "io.httun.erltunnel",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = ErltunnelServerConfig.class, factory = true)
public final class ErltunnelServer implements CarriedStatus {
    /** May come, go and be another one at any time; open connections keep the one that made them. */
    @Reference(
            name = "connector",
            target = "(name=direct)",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private volatile TargetConnector connector;

    private final CarriedServer<ErltunnelServerSettings> server;
    private final PortServer<ErltunnelServerSettings> port;

    @Activate
    public ErltunnelServer(@Reference EventLoops loops, @Reference RelayEngine engine, Map<String, Object> properties) {
        server = new CarriedServer<>("erltunnel", engine, () -> connector, ErltunnelServerSettings::read, properties);
        port = new PortServer<>(server, loops, new ErltunnelVisitors(server.settings(), server.origin()));
    }

    /** For use without a framework. */
    public ErltunnelServer(
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
    public CarriedServer<ErltunnelServerSettings> server() {
        return server;
    }
}
