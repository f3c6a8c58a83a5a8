// SPDX-License-Identifier: Apache-2.0
package io.httun.gnuhttptunnel;

import io.httun.api.carried.CarriedConnector;
import io.httun.api.carried.Opening;
import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
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

/** The client of a GNU httptunnel server as a connector. */
@Component(
        service = TargetConnector.class,
        configurationPid = "io.httun.connector.gnuhttptunnel",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = ClientConfig.class, factory = true)
public final class ClientComponent extends CarriedConnector<ClientSettings> {
    private final Turns turns = new Turns();

    @Activate
    public ClientComponent(@Reference TargetAdmission admission, Map<String, Object> properties) {
        super(admission, ClientSettings::read, properties);
    }

    /** For use without a framework. */
    public ClientComponent(TargetAdmission admission, TargetConnector connector, Map<String, Object> properties) {
        this(admission, properties);
        this.connector = connector;
    }

    /** Neither a name nor an address travels: the server has its target, and nothing need be resolved. */
    @Override
    public boolean takesNames() {
        return true;
    }

    @Override
    public Future<Channel> connect(Target target, EventLoop loop) {
        Opening<ClientSettings> opening = opening(loop);
        ClientSettings settings = opening.settings();
        if (settings.target().isPresent() && !settings.target().get().toString().equals(target.toString())) {
            return loop.newFailedFuture(new RefusedException(
                    Cause.DENIED,
                    settings.route() + " leads to " + settings.target().get() + " only, not to " + target));
        }
        turns.take(opening, () -> begin(opening, new ClientTunnel(opening, target, turns::next)));
        return opening.promise();
    }
}
