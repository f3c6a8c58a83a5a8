// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.fcgi;

import io.httun.api.status.EndpointStatus;
import io.httun.api.status.Problem;
import io.httun.api.status.StatusSource;
import io.httun.api.tunnel.EventLoops;
import io.httun.api.tunnel.TunnelService;
import io.httun.toolkit.config.LiveSettings;
import io.httun.toolkit.listen.ListenAddress;
import io.httun.toolkit.listen.ListeningSockets;
import io.httun.toolkit.listen.ListeningSockets.Place;
import io.httun.toolkit.listen.OpenDoor;
import io.httun.toolkit.tunnel.BulkSockets;
import io.httun.toolkit.tunnel.TunnelRouter;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.handler.timeout.IdleStateHandler;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
    private static final int STOP_SECONDS = 2;

    private final TunnelRouter services = new TunnelRouter();
    private final LiveSettings<FcgiEndpointSettings> settings;
    private final Serving serving;
    private final ListeningSockets listening;
    private final OpenDoor door = new OpenDoor(LOG);

    @Activate
    public FcgiEndpoint(@Reference EventLoops loops, Map<String, Object> properties) {
        this.settings = new LiveSettings<>(now -> "endpoint " + now.name(), FcgiEndpointSettings::read, properties);
        this.serving = new Serving(services, settings.get());
        this.listening = new ListeningSockets(loops, address -> bootstrap());
        look(settings.get());
    }

    private ServerBootstrap bootstrap() {
        return new ServerBootstrap()
                .childOption(
                        ChannelOption.RECVBUF_ALLOCATOR,
                        new FixedRecvByteBufAllocator(BulkSockets.READ_BYTES).maxMessagesPerRead(2))
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        accept(channel);
                    }
                });
    }

    /** FastCGI has no login: every peer that may connect speaks for any client. */
    private void look(FcgiEndpointSettings now) {
        List<ListenAddress> reachable =
                now.listen().stream().filter(ListenAddress::isOpenToOthers).toList();
        door.change(
                "endpoint " + now.name(),
                !reachable.isEmpty() && now.peers().holdsAll(),
                reachable.stream().map(ListenAddress::toString).collect(Collectors.joining(", ")),
                "name the addresses of the web servers in peers");
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

    @Activate
    void open() {
        FcgiEndpointSettings now = settings.get();
        listening.start(now.name(), now.listen(), now.access());
        settings.start(this::change);
    }

    private void accept(Channel channel) {
        FcgiEndpointSettings settings = serving.settings();
        // Access to a Unix socket is controlled by the mode of its file.
        if (channel.remoteAddress() instanceof InetSocketAddress peer
                && !settings.peers().contains(peer.getAddress())) {
            serving.complain(PeerFault.PEER, String.valueOf(channel.remoteAddress()));
            channel.close();
        } else if (serving.connections.size() >= settings.connectionsMax()) {
            serving.complain(PeerFault.CONNECTIONS, "" + settings.connectionsMax());
            channel.close();
        } else {
            channel.pipeline()
                    .addLast(new IdleStateHandler(settings.receiveTimeoutSeconds(), 0, 0))
                    .addLast(new FcgiConnection(serving));
        }
    }

    @Modified
    void modified(Map<String, Object> properties) {
        settings.update(properties);
    }

    private void change(FcgiEndpointSettings wanted) {
        listening.change(wanted.name(), wanted.listen(), wanted.access());
        serving.change(wanted);
        look(wanted);
    }

    /** Answers waiting requests, then closes; within a bound. */
    @Deactivate
    void deactivate() {
        settings.close();
        listening.close();
        if (!serving.stop(STOP_SECONDS, TimeUnit.SECONDS)) {
            LOG.warn(
                    "Endpoint {}: connections are still open after {} s",
                    serving.settings().name(),
                    STOP_SECONDS);
        }
    }

    @Override
    public List<EndpointStatus> endpoints() {
        List<Place> places = listening.places();
        String closed = places.stream()
                .filter(place -> !place.isOpen())
                .map(place -> "cannot listen on " + place.address() + ": " + place.problem())
                .collect(Collectors.joining(", "));
        return List.of(new EndpointStatus(
                serving.settings().name(),
                "fcgi",
                places.stream().map(place -> place.bound().toString()).collect(Collectors.joining(", ")),
                !closed.isEmpty() ? closed : services.hasServer() ? "open" : "no server",
                serving.requests.sum(),
                serving.waiting()));
    }

    @Override
    public List<Problem> problems() {
        return Stream.concat(settings.problems().stream(), door.problems().stream())
                .toList();
    }
}
