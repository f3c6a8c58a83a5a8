// SPDX-License-Identifier: Apache-2.0
package io.httun.gnuhttptunnel;

import io.httun.api.carried.PortServer;
import io.httun.api.relay.RelayEngine;
import io.httun.api.status.StatusSource;
import io.httun.api.target.TargetConnector;
import io.httun.api.tunnel.EventLoops;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;

/** A server for GNU httptunnel clients. */
@Component(
        immediate = true,
        service = StatusSource.class,
        configurationPid = "io.httun.gnuhttptunnel",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = ServerConfig.class, factory = true)
public final class ServerComponent extends PortServer<ServerSettings> {
    @Activate
    public ServerComponent(@Reference EventLoops loops, @Reference RelayEngine engine, Map<String, Object> properties) {
        super("gnuhttptunnel", loops, engine, ServerSettings::read, properties);
    }

    /** For use without a framework. */
    public ServerComponent(
            EventLoops loops, RelayEngine engine, TargetConnector connector, Map<String, Object> properties) {
        this(loops, engine, properties);
        this.connector = connector;
    }

    @Override
    protected Tunnels visitors() {
        return new Tunnels(settings(), origin());
    }
}
