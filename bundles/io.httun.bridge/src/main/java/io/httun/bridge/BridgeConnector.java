// SPDX-License-Identifier: Apache-2.0
package io.httun.bridge;

import io.httun.api.target.Target;
import io.httun.api.target.TargetAdmission;
import io.httun.api.target.TargetConnector;
import io.httun.toolkit.carried.CarriedClient;
import io.httun.toolkit.carried.CarriedConnector;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
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

/** The client of a bridge server as a connector. */
@Component(
        service = TargetConnector.class,
        configurationPid = "io.httun.connector.bridge",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = BridgeConnectorConfig.class, factory = true)
public final class BridgeConnector implements CarriedConnector {
    /** Leads to the server; may be another tunnel. */
    @Reference(
            name = "connector",
            target = "(name=direct)",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private volatile TargetConnector connector;

    private final CarriedClient<BridgeConnectorSettings> client;

    @Activate
    public BridgeConnector(@Reference TargetAdmission admission, Map<String, Object> properties) {
        client = new CarriedClient<>(this, admission, () -> connector, BridgeConnectorSettings::read, properties);
    }

    /** For use without a framework. */
    public BridgeConnector(TargetAdmission admission, TargetConnector connector, Map<String, Object> properties) {
        this(admission, properties);
        this.connector = connector;
    }

    @Modified
    void modified(Map<String, Object> properties) {
        client.modified(properties);
    }

    @Deactivate
    public void stop() {
        client.stop();
    }

    @Override
    public CarriedClient<BridgeConnectorSettings> client() {
        return client;
    }

    /** The target travels as a name. */
    @Override
    public boolean takesNames() {
        return true;
    }

    @Override
    public Future<Channel> connect(Target target, EventLoop loop) {
        return client.begin(client.opening(loop), opening -> new BridgeClientTunnel(opening, target));
    }
}
