// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.config.ConfigException;
import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.KeyAgreement;
import io.httun.api.status.ChannelStatus;
import io.httun.api.status.ConnectionStatus;
import io.httun.api.status.SessionStatus;
import io.httun.api.status.StatusSource;
import io.httun.api.stream.AcceptedStream;
import io.httun.api.stream.StreamAcceptor;
import io.httun.api.stream.StreamMultiplexer;
import io.httun.api.target.Admitted;
import io.httun.api.target.NameResolver;
import io.httun.api.target.RefusedException;
import io.httun.api.target.RequestContext;
import io.httun.api.target.Target;
import io.httun.api.target.TargetConnector;
import io.httun.api.tun.PacketAdmission;
import io.httun.api.tun.TunDevice;
import io.httun.api.tunnel.ChannelTester;
import io.httun.api.tunnel.EventLoops;
import io.httun.api.tunnel.PathProber;
import io.httun.api.tunnel.PathReport;
import io.httun.protocol.KeyLife;
import io.httun.protocol.NonceSource;
import io.httun.toolkit.config.LiveSettings;
import io.httun.toolkit.config.StrictConfig;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
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

/** A configured tunnel client as a service. */
@Component(
        configurationPid = ClientComponent.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE,
        immediate = true,
        service = {
            TargetConnector.class,
            StreamAcceptor.class,
            ChannelTester.class,
            PathProber.class,
            StatusSource.class
        })
@Designate(ocd = ClientConfig.class, factory = true)
public final class ClientComponent implements TargetConnector, StreamAcceptor, ChannelTester, PathProber, StatusSource {
    static final String PID = "io.httun.client";

    private static final Logger LOG = LoggerFactory.getLogger(ClientComponent.class);
    private static final long STOP_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /** Null while it is replaced: sessions wait. */
    @Reference(
            name = "cipher",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private volatile FrameCipher cipher;

    @Reference(
            name = "agreement",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private volatile KeyAgreement agreement;

    /** Null unless the configuration names one. */
    @Reference(
            name = "connector",
            target = WayOut.NO_CONNECTOR,
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private volatile TargetConnector connector;

    @Reference(
            name = "packets",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private volatile PacketAdmission packets;

    /** Null while it is missing: each connection has a session of its own. */
    @Reference(
            name = "streams",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private volatile StreamMultiplexer streams;

    private final LiveSettings<Settings> configured;
    private final ClientSuccession clients;
    private final TunLinks links = new TunLinks(() -> packets);
    private volatile boolean tun;

    /** @throws ConfigException if the configuration is wrong */
    @Activate
    public ClientComponent(
            @Reference EventLoops loops, @Reference NameResolver resolver, Map<String, Object> properties) {
        Surroundings surroundings = new Surroundings(
                loops,
                resolver,
                () -> connector,
                () -> cipher,
                () -> agreement,
                KeyLife::new,
                () -> streams,
                new NonceSource(new SecureRandom()));
        configured = new LiveSettings<>(now -> "client " + now.client().name(), ClientComponent::read, properties);
        Settings settings = configured.get();
        clients = new ClientSuccession(surroundings, settings.client());
        tun = settings.tun().isPresent();
        links.configure(client().context(), settings.tun());
        configured.start(this::change);
        TunnelClient client = client();
        if (!tun) {
            // The link of a TUN device connects by itself.
            client.start();
        }
        LOG.info(
                "Client {}: channel {} at {}",
                name(),
                client.settings().id(),
                client.settings().urls());
    }

    private record Settings(ClientSettings client, Optional<TunSettings> tun) {}

    private static Settings read(Map<String, ?> properties) {
        return StrictConfig.read(
                ClientConfig.class,
                properties,
                config ->
                        new Settings(ClientSettings.of(config, ExplicitLimits.of(properties)), TunSettings.of(config)));
    }

    private TunnelClient client() {
        return clients.current();
    }

    private String name() {
        return client().settings().name();
    }

    @Modified
    void modified(Map<String, Object> properties) {
        configured.update(properties);
    }

    private synchronized void change(Settings next) {
        tun = next.tun().isPresent();
        clients.change(next.client(), !tun);
        links.configure(client().context(), next.tun());
        LOG.info("Client {}: new connections use the changed configuration", name());
    }

    @Reference(
            name = "tun",
            target = TunSettings.NO_DEVICE,
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void setTun(TunDevice next) {
        links.attach(next);
    }

    void unsetTun(TunDevice gone) {
        links.detach(gone);
    }

    @Deactivate
    void stop() {
        configured.close();
        links.stop();
        List<TunnelClient> all = clients.all().toList();
        all.forEach(TunnelClient::close);
        long deadline = System.nanoTime() + STOP_NANOS;
        while (!(all.stream().allMatch(TunnelClient::isIdle) && links.isIdle()) && System.nanoTime() < deadline) {
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    private RefusedException carriesPackets() {
        return new RefusedException(
                RefusedException.Cause.UNAVAILABLE,
                "client " + name() + " carries IP packets (mode = tun), not connections");
    }

    @Override
    public boolean takesNames() {
        return true;
    }

    @Override
    public String connectorName() {
        return name();
    }

    @Override
    public Optional<TargetConnector> through() {
        return client().settings().wayOut().connector().isEmpty() ? Optional.empty() : Optional.ofNullable(connector);
    }

    @Override
    public Set<Target> firstHops(Target target) {
        return OutsideAddresses.hops(client().context());
    }

    /** The server resolves the name anew, so that there is no need to wait for addresses that are still on their way here. */
    @Override
    public Future<Channel> connect(Admitted admitted, RequestContext context, EventLoop loop) {
        return !tun && client().hasStreams()
                ? connect(admitted.known(), loop)
                : TargetConnector.super.connect(admitted, context, loop);
    }

    @Override
    public boolean takesDatagrams() {
        return !tun && client().hasStreams();
    }

    @Override
    public Future<Channel> openDatagrams(EventLoop loop) {
        return tun ? loop.newFailedFuture(carriesPackets()) : client().openDatagrams(loop);
    }

    @Override
    public Future<Channel> connect(Target target, EventLoop loop) {
        return tun ? loop.newFailedFuture(carriesPackets()) : client().connect(target, loop);
    }

    @Override
    public Future<AcceptedStream> accept(InetSocketAddress listen, EventLoop loop) {
        return tun ? loop.newFailedFuture(carriesPackets()) : client().accept(listen, loop);
    }

    @Override
    public Future<Void> test(Duration period, long count, Consumer<Progress> progress) {
        return tun
                ? GlobalEventExecutor.INSTANCE.newFailedFuture(carriesPackets())
                : client().test(period, count, progress);
    }

    @Override
    public PathReport probe(boolean idle, Consumer<String> progress) throws InterruptedException {
        ClientContext context = client().context();
        PathReport report = new PathProbe(context, PathProbe.Limits.DEFAULT).run(idle, true, progress);
        if (report.problem().isEmpty() && report.keptRequests() > 0) {
            context.path().learn(PathLimits.of(report));
            if (report.idleSeconds() > 0) {
                context.path().closesAfter(TimeUnit.SECONDS.toNanos(report.idleSeconds()));
            }
        }
        return report;
    }

    @Override
    public List<ChannelStatus> channels() {
        if (!tun) {
            return List.of(client().status());
        }
        Optional<TunLink> link = links.current();
        String state = link.map(TunLink::state).orElse("no TUN device (tun.target)");
        return List.of(client().status(state, link.flatMap(TunLink::session).isPresent() ? 1 : 0));
    }

    @Override
    public List<SessionStatus> sessions() {
        return Stream.concat(
                        clients.all().flatMap(TunnelClient::sessions),
                        links.current().flatMap(TunLink::session).stream().map(PacketCarrier::status))
                .toList();
    }

    @Override
    public List<ConnectionStatus> connections() {
        return clients.all().flatMap(each -> each.openConnections().stream()).toList();
    }

    @Override
    public List<ConnectionStatus> closedConnections() {
        return clients.all().flatMap(each -> each.closedConnections().stream()).toList();
    }

    @Override
    public boolean closeSession(String id) {
        return clients.all().anyMatch(each -> each.closeSession(id))
                || links.current().filter(link -> link.closeSession(id)).isPresent();
    }

    @Override
    public boolean closeConnection(String id) {
        return clients.all().anyMatch(each -> each.closeConnection(id));
    }
}
