// SPDX-License-Identifier: Apache-2.0
package io.httun.gnuhttptunnel;

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
import io.netty.util.concurrent.PromiseNotifier;
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

/** The client of a GNU httptunnel server as a connector. */
@Component(
        service = TargetConnector.class,
        configurationPid = "io.httun.connector.gnuhttptunnel",
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
    private final Turns turns = new Turns();
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

    /** Neither a name nor an address travels: the server has its target, and nothing need be resolved. */
    @Override
    public boolean takesNames() {
        return true;
    }

    @Override
    public Future<Channel> connect(Target target, EventLoop loop) {
        ClientSettings now = settings;
        if (now.target().isPresent() && !now.target().get().toString().equals(target.toString())) {
            return loop.newFailedFuture(new RefusedException(
                    Cause.DENIED, now.route() + " leads to " + now.target().get() + " only, not to " + target));
        }
        Promise<Channel> promise = loop.newPromise();
        turns.take(now, loop, promise, () -> {
            ClientTunnel tunnel = new ClientTunnel(
                    now,
                    target,
                    loop,
                    dialled -> now.route().dial(admission, connector, loop).addListener(new PromiseNotifier<>(dialled)),
                    promise);
            open.add(tunnel.channel(), promise);
            tunnel.channel().closeFuture().addListener(closed -> turns.next());
            tunnel.start();
        });
        return promise;
    }
}
