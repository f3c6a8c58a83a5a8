// SPDX-License-Identifier: Apache-2.0
package io.httun.erltunnel;

import io.httun.api.carried.OpenChannels;
import io.httun.api.config.ConfigException;
import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.Target;
import io.httun.api.target.TargetAdmission;
import io.httun.api.target.TargetConnector;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The client of an Erltunnel server as a connector. */
@Component(
        service = TargetConnector.class,
        configurationPid = "io.httun.connector.erltunnel",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = ClientConfig.class, factory = true)
public final class ClientComponent implements TargetConnector {
    private static final Logger LOG = LoggerFactory.getLogger(ClientComponent.class);

    /** Leads to the server; may be another tunnel. */
    @Reference(
            name = "connector",
            target = "(name=direct)",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private volatile TargetConnector connector;

    private final TargetAdmission admission;
    private final OpenChannels open = new OpenChannels();
    private volatile ClientSettings settings;

    @Activate
    public ClientComponent(@Reference TargetAdmission admission, Map<String, Object> properties) {
        this.admission = admission;
        this.settings = ClientSettings.read(properties);
    }

    /** For use without a framework. */
    public ClientComponent(TargetAdmission admission, TargetConnector connector, Map<String, Object> properties) {
        this(admission, properties);
        this.connector = connector;
    }

    @Modified
    void modified(Map<String, Object> properties) {
        try {
            settings = ClientSettings.read(properties);
        } catch (ConfigException e) {
            LOG.error("{}; connector {} keeps its configuration", e.getMessage(), settings.name());
        }
    }

    @Deactivate
    public void stop() {
        open.reset();
    }

    /** Only addresses travel: a stock server would resolve a name without any filter. */
    @Override
    public boolean takesNames() {
        return false;
    }

    @Override
    public Future<Channel> connect(Target target, EventLoop loop) {
        ClientSettings now = settings;
        Optional<InetAddress> address = target.addresses().stream()
                .filter(Inet4Address.class::isInstance)
                .findFirst();
        if (address.isEmpty()) {
            return loop.newFailedFuture(new RefusedException(
                    Cause.UNREACHABLE,
                    now.route() + ": " + target + " has no IPv4 address, and only those can travel"));
        }
        Promise<Channel> promise = loop.newPromise();
        if (loop.inEventLoop()) {
            start(now, new InetSocketAddress(address.get(), target.port()), loop, promise);
        } else {
            loop.execute(() -> start(now, new InetSocketAddress(address.get(), target.port()), loop, promise));
        }
        return promise;
    }

    private void start(ClientSettings now, InetSocketAddress target, EventLoop loop, Promise<Channel> promise) {
        ClientTunnel tunnel =
                new ClientTunnel(now, target, loop, () -> now.route().dial(admission, connector, loop), promise);
        open.add(tunnel.channel(), promise);
        tunnel.start();
    }
}
