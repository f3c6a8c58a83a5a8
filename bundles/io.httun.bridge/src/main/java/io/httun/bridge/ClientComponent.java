// SPDX-License-Identifier: Apache-2.0
package io.httun.bridge;

import io.httun.api.carried.CarriedConnector;
import io.httun.api.target.Target;
import io.httun.api.target.TargetAdmission;
import io.httun.api.target.TargetConnector;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;

/** The client of a bridge server as a connector. */
@Component(
        service = TargetConnector.class,
        configurationPid = "io.httun.connector.bridge",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = ClientConfig.class, factory = true)
public final class ClientComponent extends CarriedConnector<ClientSettings> {
    @Activate
    public ClientComponent(@Reference TargetAdmission admission, Map<String, Object> properties) {
        super(admission, ClientSettings::read, properties);
    }

    /** For use without a framework. */
    public ClientComponent(TargetAdmission admission, TargetConnector connector, Map<String, Object> properties) {
        this(admission, properties);
        this.connector = connector;
    }

    /** The target travels as a name. */
    @Override
    public boolean takesNames() {
        return true;
    }

    @Override
    public Future<Channel> connect(Target target, EventLoop loop) {
        return begin(opening(loop), opening -> new ClientTunnel(opening, target));
    }
}
