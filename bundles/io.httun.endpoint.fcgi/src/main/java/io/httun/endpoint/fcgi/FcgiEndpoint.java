// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.fcgi;

import io.httun.api.HttunException;
import io.httun.api.status.StatusSource;
import io.httun.api.tunnel.EventLoops;
import io.httun.api.tunnel.TunnelRouter;
import io.httun.api.tunnel.TunnelService;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.timeout.IdleStateHandler;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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

/** The tunnel's FastCGI responder. Knows nothing of sessions: they stay when it goes. */
@Component(
        immediate = true,
        configurationPid = "io.httun.endpoint.fcgi",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = FcgiEndpointConfig.class, factory = true)
public final class FcgiEndpoint implements StatusSource {
    private static final Logger LOG = LoggerFactory.getLogger(FcgiEndpoint.class);
    private static final int RETRY_SECONDS = 5;
    private static final int STOP_SECONDS = 2;

    private final TunnelRouter services = new TunnelRouter();
    private final Serving serving;
    private final Listeners listeners;
    private String obstacle = "";

    @Activate
    public FcgiEndpoint(@Reference EventLoops loops, Map<String, Object> properties) {
        this.serving = new Serving(services, FcgiEndpointSettings.read(properties));
        this.listeners = new Listeners(loops, new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel channel) {
                accept(channel);
            }
        });
    }

    @Reference(
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void addService(TunnelService service, Map<String, ?> properties) {
        services.add(service, properties);
    }

    void updatedService(TunnelService service, Map<String, ?> properties) {
        services.update(service, properties);
    }

    void removeService(TunnelService service) {
        services.remove(service);
    }

    /** Tries again for as long as it takes: whoever has the port may go. */
    @Activate
    synchronized void open() {
        if (serving.isStopped() || listeners.isOpen()) {
            return;
        }
        FcgiEndpointSettings settings = serving.settings();
        try {
            listeners.open(settings);
            obstacle = "";
        } catch (HttunException e) {
            if (!e.getMessage().equals(obstacle)) {
                LOG.error("Endpoint {} {}; trying again every {} s", settings.name(), e.getMessage(), RETRY_SECONDS);
            }
            obstacle = e.getMessage();
            // Binding waits, so not on an event loop.
            CompletableFuture.delayedExecutor(RETRY_SECONDS, TimeUnit.SECONDS).execute(this::open);
        }
    }

    private void accept(Channel channel) {
        FcgiEndpointSettings settings = serving.settings();
        if (!settings.peers().allow(channel.remoteAddress())) {
            serving.complaints.note(Complaints.Cause.PEER, String.valueOf(channel.remoteAddress()));
            channel.close();
        } else if (serving.connections.size() >= settings.connectionsMax()) {
            serving.complaints.note(Complaints.Cause.CONNECTIONS, "" + settings.connectionsMax());
            channel.close();
        } else {
            channel.pipeline()
                    .addLast(new IdleStateHandler(settings.receiveTimeoutSeconds(), 0, 0))
                    .addLast(new FcgiConnection(serving));
        }
    }

    @Modified
    synchronized void modified(Map<String, Object> properties) {
        FcgiEndpointSettings settings = serving.settings();
        try {
            FcgiEndpointSettings wanted = FcgiEndpointSettings.read(properties);
            if (listeners.isOpen()) {
                listeners.open(wanted);
            }
            serving.change(wanted);
        } catch (HttunException e) {
            LOG.error("Endpoint {} goes on as it was: {}", settings.name(), e.getMessage());
        }
    }

    /** Answers everyone who waits, then closes; within a bound. */
    @Deactivate
    void deactivate() {
        synchronized (this) {
            listeners.close();
        }
        if (!serving.stop(STOP_SECONDS, TimeUnit.SECONDS)) {
            LOG.warn(
                    "Endpoint {}: connections still open after {} s",
                    serving.settings().name(),
                    STOP_SECONDS);
        }
    }

    @Override
    public synchronized List<EndpointStatus> endpoints() {
        String state = !listeners.isOpen() ? obstacle : services.hasServer() ? "open" : "no server";
        String addresses = listeners.isOpen()
                ? listeners.addresses()
                : String.valueOf(serving.settings().listen());
        return List.of(new EndpointStatus(
                serving.settings().name(), "fcgi", addresses, state, serving.requests.sum(), serving.waiting()));
    }
}
