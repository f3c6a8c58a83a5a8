// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.config.ConfigException;
import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.KeyAgreement;
import io.httun.api.status.ChannelStatus;
import io.httun.api.status.ChannelUse;
import io.httun.api.status.ConnectionStatus;
import io.httun.api.status.DrainStatus;
import io.httun.api.status.LimitStatus;
import io.httun.api.status.Problem;
import io.httun.api.status.RefusalStatus;
import io.httun.api.status.SessionStatus;
import io.httun.api.status.StatusSource;
import io.httun.api.stream.StreamMultiplexer;
import io.httun.api.tun.PacketAdmission;
import io.httun.api.tunnel.EventLoops;
import io.httun.api.tunnel.ServerDrain;
import io.httun.api.tunnel.TunnelReply;
import io.httun.api.tunnel.TunnelRequest;
import io.httun.api.tunnel.TunnelService;
import io.httun.protocol.KeyLife;
import io.httun.protocol.NonceSource;
import io.httun.protocol.PeerId;
import io.httun.toolkit.config.LiveSettings;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
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

/** The server as a component. Endpoints hand it requests, {@link ChannelComponent}s add channels. */
@Component(
        service = {TunnelServer.class, TunnelService.class, StatusSource.class},
        configurationPid = "io.httun.server",
        configurationPolicy = ConfigurationPolicy.OPTIONAL)
@Designate(ocd = ServerConfig.class)
public final class TunnelServer implements TunnelService, StatusSource {
    private static final Logger LOG = LoggerFactory.getLogger(TunnelServer.class);
    private static final String SERVER = "server";
    private static final long TICK_MILLIS = 200;

    private final UUID startId = UUID.randomUUID();
    private final ChannelRegistry channels;
    private final NodeRouter router;
    private final Parts parts;
    private final ScheduledFuture<?> ticks;
    private final LiveSettings<ServerSettings> settings;

    private volatile Supplier<KeyLife> keyLives = KeyLife::new;

    /**
     * Whether clients are offered pipes. In a framework also while {@link #streams} is missing, which is for the moment of a swap: a client
     * would use sessions of the stock wire instead, which cannot carry a reset.
     */
    private volatile boolean offersPipes = true;

    @Reference(
            name = "cipher",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    volatile FrameCipher cipher;

    @Reference(
            name = "agreement",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    volatile KeyAgreement agreement;

    @Reference(
            name = "packets",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    volatile PacketAdmission packets;

    /** While it is missing, what begins in a pipe is refused. */
    @Reference(
            name = "streams",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    volatile StreamMultiplexer streams;

    /** @throws ConfigException if the configuration is wrong */
    @Activate
    public TunnelServer(@Reference EventLoops loops, Map<String, Object> properties) {
        settings = new LiveSettings<>(now -> "the server", ServerSettings::read, properties).start();
        SecureRandom random = new SecureRandom();
        Optional<Path> folder = usageFolder(properties);
        UsageLedger usages = new UsageLedger(folder).start();
        parts = new Parts(
                () -> cipher,
                () -> agreement,
                () -> packets,
                () -> streams,
                settings::get,
                () -> keyLives.get(),
                loops.group(),
                new NonceSource(random),
                new Refusals(),
                new QueueBudget(),
                usages,
                new ChannelClosures(folder.map(each -> each.resolve("closed-channels")), usages::run),
                new Drain(() -> registry().all()));
        channels = new ChannelRegistry(parts);
        RequestHandler requests = new RequestHandler(
                parts, channels, new ServerChannel(parts, ChannelSettings.decoy(random), null), this::serverId);
        router = new NodeRouter(requests, channels, this::node);
        ticks = loops.group()
                .next()
                .scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** For use without a framework. */
    public TunnelServer(EventLoops loops, FrameCipher cipher, KeyAgreement agreement, Map<String, Object> properties) {
        this(loops, properties);
        this.offersPipes = false;
        this.cipher = cipher;
        this.agreement = agreement;
    }

    /** The property is for use without a framework. */
    private static Optional<Path> usageFolder(Map<String, Object> properties) {
        Object folder = properties.get(".usage.folder");
        return folder == null ? UsageLedger.folder() : Optional.of(Path.of(folder.toString()));
    }

    @Modified
    void modified(Map<String, Object> properties) {
        settings.update(properties);
    }

    @Deactivate
    public void deactivate() {
        ticks.cancel(false);
        channels.all().forEach(channels::remove);
        parts.usages().close();
    }

    /** Sets the lives of keys that are made from now on, for tests. */
    public void keyLives(Supplier<KeyLife> lives) {
        keyLives = lives;
    }

    /** The packet filters, for use without a framework. */
    public void packets(PacketAdmission admission) {
        packets = admission;
    }

    /** What runs in pipes, for use without a framework. */
    public void streams(StreamMultiplexer multiplexer) {
        streams = multiplexer;
        offersPipes = true;
    }

    /** Takes the server out of service, and back. */
    public ServerDrain drain() {
        return parts.drain();
    }

    /** The server's number among the nodes behind a load balancer; 0 for none. */
    int node() {
        return settings.get().node();
    }

    NodeRouter router() {
        return router;
    }

    UsageLedger usages() {
        return parts.usages();
    }

    ChannelClosures closures() {
        return parts.closures();
    }

    ChannelRegistry registry() {
        return channels;
    }

    Refusals refused() {
        return parts.refusals();
    }

    QueueBudget queues() {
        return parts.queues();
    }

    /** Bytes in all queues. */
    public long waiting() {
        return parts.queues().waiting();
    }

    @Override
    public CompletionStage<TunnelReply> handle(TunnelRequest request) {
        return router.handle(request);
    }

    private UUID serverId(KeyAgreement hash) {
        int pipes = offersPipes ? PeerId.PIPE : 0;
        ServerSettings now = settings.get();
        return PeerId.ofServer(
                PeerId.SESSIONS | PeerId.BATCH | PeerId.CONTINUES | PeerId.PARALLEL | PeerId.PROBE | pipes,
                now.uuid().orElse(startId),
                now.node(),
                hash);
    }

    private void tick() {
        try {
            long now = System.nanoTime();
            channels.all().forEach(channel -> channel.tick(now));
            parts.drain().tick(now);
        } catch (RuntimeException e) {
            // An exception would end the ticks, and with them every time limit.
            LOG.error("A time check failed", e);
        }
    }

    @Override
    public List<ChannelStatus> channels() {
        return channels.all().stream().map(ServerChannel::status).toList();
    }

    @Override
    public List<ChannelUse> channelUses() {
        return channels.all().stream().map(ServerChannel::use).toList();
    }

    @Override
    public List<Problem> problems() {
        return Stream.of(
                        parts.usages().problems().stream(),
                        channels.all().stream().flatMap(channel -> channel.problem().stream()),
                        parts.closures().problems(channels.all(), node()).stream())
                .flatMap(problems -> problems)
                .toList();
    }

    @Override
    public List<SessionStatus> sessions() {
        return channels.all().stream()
                .flatMap(channel -> channel.sessions().all().stream())
                .map(Session::status)
                .toList();
    }

    @Override
    public List<ConnectionStatus> connections() {
        return channels.all().stream()
                .flatMap(channel -> channel.origin().connections().stream())
                .toList();
    }

    @Override
    public List<ConnectionStatus> closedConnections() {
        return channels.all().stream()
                .flatMap(channel -> channel.origin().closedConnections().stream())
                .toList();
    }

    @Override
    public List<DrainStatus> drains() {
        return List.of(parts.drain().status(parts.refusals().total(Refusals.Cause.DRAINING)));
    }

    @Override
    public List<LimitStatus> limits() {
        ServerSettings now = settings.get();
        return List.of(
                new LimitStatus(
                        SERVER,
                        "sessions.total.max",
                        "sessions",
                        channels.count(SessionTable::size),
                        now.maxSessionsInAll()),
                new LimitStatus(
                        SERVER,
                        "queues.percent",
                        "bytes",
                        parts.queues().waiting(),
                        parts.queues().most(now.queuesPercent())));
    }

    @Override
    public List<RefusalStatus> refusals() {
        return Stream.of(Refusals.Cause.values())
                .map(cause -> new RefusalStatus(
                        SERVER,
                        cause.name().toLowerCase(Locale.ROOT).replace('_', '-'),
                        parts.refusals().total(cause)))
                .toList();
    }

    @Override
    public boolean closeSession(String id) {
        for (ServerChannel channel : channels.all()) {
            for (Session session : channel.sessions().all()) {
                if (session.id().equals(id)) {
                    return channel.sessions().end(session, "closed by the administrator");
                }
            }
        }
        return false;
    }

    @Override
    public boolean closeConnection(String id) {
        return channels.all().stream().anyMatch(channel -> channel.origin().closeConnection(id));
    }
}
