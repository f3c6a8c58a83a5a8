// SPDX-License-Identifier: Apache-2.0
package io.httun.gnuhttptunnel;

import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.Target;
import io.httun.api.target.TargetAdmission;
import io.httun.api.target.TargetConnector;
import io.httun.toolkit.carried.CarriedClient;
import io.httun.toolkit.carried.CarriedConnector;
import io.httun.toolkit.carried.Opening;
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

/** The client of a GNU httptunnel server as a connector. */
@Component(
        service = TargetConnector.class,
        configurationPid = "io.httun.connector.gnuhttptunnel",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = GnuHttptunnelConnectorConfig.class, factory = true)
public final class GnuHttptunnelConnector implements CarriedConnector {
    /** Leads to the server; may be another tunnel. */
    @Reference(
            name = "connector",
            target = "(name=direct)",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private volatile TargetConnector connector;

    private final CarriedClient<GnuHttptunnelConnectorSettings> client;
    private final Turns turns = new Turns();

    @Activate
    public GnuHttptunnelConnector(@Reference TargetAdmission admission, Map<String, Object> properties) {
        client =
                new CarriedClient<>(this, admission, () -> connector, GnuHttptunnelConnectorSettings::read, properties);
    }

    /** For use without a framework. */
    public GnuHttptunnelConnector(
            TargetAdmission admission, TargetConnector connector, Map<String, Object> properties) {
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
    public CarriedClient<GnuHttptunnelConnectorSettings> client() {
        return client;
    }

    /** Neither a name nor an address travels: the server has its target, and nothing need be resolved. */
    @Override
    public boolean takesNames() {
        return true;
    }

    @Override
    public Future<Channel> connect(Target target, EventLoop loop) {
        Opening<GnuHttptunnelConnectorSettings> opening = client.opening(loop);
        GnuHttptunnelConnectorSettings settings = opening.settings();
        if (settings.target().isPresent() && !settings.target().get().toString().equals(target.toString())) {
            return loop.newFailedFuture(new RefusedException(
                    Cause.DENIED,
                    settings.route() + " leads to " + settings.target().get() + " only, not to " + target));
        }
        turns.take(opening, () -> client.begin(opening, new GnuHttptunnelClientTunnel(opening, target, turns::next)));
        return opening.promise();
    }
}
