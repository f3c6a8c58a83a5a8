// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.config.ConfigException;
import io.httun.api.config.StrictConfig;
import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.KeyAgreement;
import io.httun.api.status.StatusSource;
import io.httun.api.target.NameResolver;
import io.httun.api.target.RefusedException;
import io.httun.api.target.Target;
import io.httun.api.target.TargetConnector;
import io.httun.api.tun.PacketAdmission;
import io.httun.api.tun.TunDevice;
import io.httun.api.tunnel.ChannelTester;
import io.httun.api.tunnel.EventLoops;
import io.httun.protocol.KeyLife;
import io.httun.protocol.NonceSource;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
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
        service = {TargetConnector.class, ChannelTester.class, StatusSource.class})
@Designate(ocd = ClientConfig.class, factory = true)
public final class ClientComponent implements TargetConnector, ChannelTester, StatusSource {
    static final String PID = "io.httun.client";

    private static final Logger LOG = LoggerFactory.getLogger(ClientComponent.class);
    private static final long STOP_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /** None for a while: sessions wait. */
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

    /** None unless the configuration names one. */
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

    private final long drawn = ThreadLocalRandom.current().nextLong();
    private final Surroundings surroundings;
    private final List<TunnelClient> retired = new CopyOnWriteArrayList<>();
    private final List<TunLink> retiredLinks = new CopyOnWriteArrayList<>();
    private volatile TunnelClient client;
    private volatile Optional<TunSettings> tun;
    private volatile TunLink link;
    private TunDevice device;

    /** @throws ConfigException if the configuration is wrong */
    @Activate
    public ClientComponent(
            @Reference EventLoops loops, @Reference NameResolver resolver, Map<String, Object> properties) {
        surroundings = new Surroundings(
                loops,
                resolver,
                () -> connector,
                () -> cipher,
                () -> agreement,
                KeyLife::new,
                new NonceSource(new SecureRandom()));
        Settings settings = read(properties);
        client = new TunnelClient(settings.client(), surroundings);
        tun = settings.tun();
        LOG.info(
                "Client {}: channel {} at {}",
                name(),
                client.settings().id(),
                client.settings().urls());
    }

    private record Settings(ClientSettings client, Optional<TunSettings> tun) {}

    private static Settings read(Map<String, Object> properties) {
        return StrictConfig.read(
                ClientConfig.class,
                properties,
                config -> new Settings(ClientSettings.of(config), TunSettings.of(config)));
    }

    private String name() {
        return client.settings().name();
    }

    @Modified
    synchronized void modified(Map<String, Object> properties) {
        try {
            Settings settings = read(properties);
            if (settings.equals(new Settings(client.settings(), tun))) {
                return;
            }
            TunnelClient old = client;
            client = new TunnelClient(settings.client(), surroundings);
            tun = settings.tun();
            old.retire();
            retired.removeIf(TunnelClient::isIdle);
            retired.add(old);
            restartLink();
            LOG.info("Client {}: new connections use the changed configuration", name());
        } catch (ConfigException e) {
            LOG.error("Client {} goes on with its old configuration: {}", name(), e.getMessage());
        }
    }

    @Reference(
            name = "tun",
            target = TunSettings.NO_DEVICE,
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    synchronized void setTun(TunDevice next) {
        device = next;
        restartLink();
    }

    synchronized void unsetTun(TunDevice gone) {
        if (device == gone) {
            device = null;
            restartLink();
        }
    }

    private void restartLink() {
        TunLink old = link;
        link = null;
        if (old != null) {
            old.close();
            retiredLinks.removeIf(TunLink::isIdle);
            retiredLinks.add(old);
        }
        if (tun.isPresent() && device != null) {
            TunSettings settings = tun.get();
            TunLink next = new TunLink(
                    client.context(),
                    agreed -> settings.identity(
                            agreed, client.context().settings().wayOut().capabilities(), drawn),
                    new PacketJudge(settings.filters(), () -> packets));
            link = next;
            next.start(device);
        }
    }

    @Deactivate
    void stop() {
        unsetTun(device);
        List<TunnelClient> all = all().toList();
        all.forEach(TunnelClient::close);
        long deadline = System.nanoTime() + STOP_NANOS;
        while (!(all.stream().allMatch(TunnelClient::isIdle)
                        && retiredLinks.stream().allMatch(TunLink::isIdle))
                && System.nanoTime() < deadline) {
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    private Stream<TunnelClient> all() {
        return Stream.concat(Stream.of(client), retired.stream());
    }

    private RefusedException carriesPackets() {
        return new RefusedException(
                RefusedException.Cause.UNAVAILABLE,
                "client " + name() + " carries IP packets (mode = tun), not connections");
    }

    @Override
    public boolean takesNames() {
        return false;
    }

    @Override
    public Set<Target> firstHops(Target target) {
        return OutsideAddresses.hops(client.context());
    }

    @Override
    public Future<Channel> connect(Target target, EventLoop loop) {
        return tun.isPresent() ? loop.newFailedFuture(carriesPackets()) : client.connect(target, loop);
    }

    @Override
    public Future<Void> test(Duration period, long count, Consumer<Progress> progress) {
        return tun.isPresent()
                ? GlobalEventExecutor.INSTANCE.newFailedFuture(carriesPackets())
                : client.test(period, count, progress);
    }

    @Override
    public List<ChannelStatus> channels() {
        if (tun.isEmpty()) {
            return List.of(client.status());
        }
        TunLink now = link;
        return List.of(client.status(
                now == null ? "no TUN device (tun.target)" : now.state(),
                now == null ? 0 : (int) now.session().stream().count()));
    }

    @Override
    public List<SessionStatus> sessions() {
        return Stream.concat(
                        all().flatMap(each -> each.sessions().stream()),
                        Stream.ofNullable(link).flatMap(now -> now.session().stream()))
                .map(ClientSession::status)
                .toList();
    }

    @Override
    public List<ConnectionStatus> connections() {
        return all().flatMap(each -> each.openConnections().stream()).toList();
    }

    @Override
    public List<ConnectionStatus> closedConnections() {
        return all().flatMap(each -> each.closedConnections().stream()).toList();
    }

    @Override
    public boolean closeSession(String id) {
        return all().anyMatch(each -> each.closeSession(id))
                || Stream.ofNullable(link).anyMatch(now -> now.closeSession(id));
    }

    @Override
    public boolean closeConnection(String id) {
        return all().anyMatch(each -> each.closeConnection(id));
    }
}
