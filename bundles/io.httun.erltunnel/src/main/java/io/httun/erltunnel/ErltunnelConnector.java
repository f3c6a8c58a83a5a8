// SPDX-License-Identifier: Apache-2.0
package io.httun.erltunnel;

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
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
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

/** The client of an Erltunnel server as a connector. */
@Component(
        service = TargetConnector.class,
        configurationPid = "io.httun.connector.erltunnel",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = ErltunnelConnectorConfig.class, factory = true)
public final class ErltunnelConnector implements CarriedConnector {
    /** Leads to the server; may be another tunnel. */
    @Reference(
            name = "connector",
            target = "(name=direct)",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private volatile TargetConnector connector;

    private final CarriedClient<ErltunnelConnectorSettings> client;

    @Activate
    public ErltunnelConnector(@Reference TargetAdmission admission, Map<String, Object> properties) {
        client = new CarriedClient<>(this, admission, () -> connector, ErltunnelConnectorSettings::read, properties);
    }

    /** For use without a framework. */
    public ErltunnelConnector(TargetAdmission admission, TargetConnector connector, Map<String, Object> properties) {
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
    public CarriedClient<ErltunnelConnectorSettings> client() {
        return client;
    }

    /** Only addresses travel: a stock server would resolve a name without any filter. */
    @Override
    public boolean takesNames() {
        return false;
    }

    @Override
    public Future<Channel> connect(Target target, EventLoop loop) {
        Opening<ErltunnelConnectorSettings> opening = client.opening(loop);
        Optional<InetAddress> address = target.addresses().stream()
                .filter(Inet4Address.class::isInstance)
                .findFirst();
        if (address.isEmpty()) {
            return loop.newFailedFuture(new RefusedException(
                    Cause.UNREACHABLE,
                    opening.settings().route() + ": " + target
                            + " has no IPv4 address, and the protocol carries no other"));
        }
        InetSocketAddress to = new InetSocketAddress(address.get(), target.port());
        return client.begin(opening, begun -> new ErltunnelClientTunnel(begun, to));
    }
}
