// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.config.ConfigException;
import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.KeyAgreement;
import io.httun.api.crypto.SharedSecret;
import io.httun.api.status.StatusSource;
import io.httun.api.target.TargetAdmission;
import io.httun.api.tun.PacketAdmission;
import io.httun.api.tunnel.EventLoops;
import io.httun.api.tunnel.TunnelReply;
import io.httun.api.tunnel.TunnelRequest;
import io.httun.api.tunnel.TunnelService;
import io.httun.protocol.KeyLife;
import io.httun.protocol.NonceSource;
import io.httun.protocol.PeerId;
import io.httun.protocol.SequenceWindow;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
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

/** The server as a component. Endpoints hand it requests, {@link ChannelComponent}s tell it which channels there are. */
@Component(
        service = {TunnelServer.class, TunnelService.class, StatusSource.class},
        configurationPid = "io.httun.server",
        configurationPolicy = ConfigurationPolicy.OPTIONAL)
@Designate(ocd = ServerConfig.class)
public final class TunnelServer implements TunnelService, StatusSource {
    private static final Logger LOG = LoggerFactory.getLogger(TunnelServer.class);
    private static final long TICK_MILLIS = 200;

    private final UUID startId = UUID.randomUUID();
    private final ChannelRegistry channels;
    private final RequestHandler requests;
    private final Parts parts;
    private final ScheduledFuture<?> ticks;
    private volatile ServerSettings settings;

    /** Shorter ones for tests. */
    volatile Supplier<KeyLife> keyLives = KeyLife::new;

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
            name = "admission",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    volatile TargetAdmission admission;

    @Reference(
            name = "packets",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    volatile PacketAdmission packets;

    /** @throws ConfigException if the configuration is wrong */
    @Activate
    public TunnelServer(@Reference EventLoops loops, Map<String, Object> properties) {
        settings = ServerSettings.read(properties);
        SecureRandom random = new SecureRandom();
        parts = new Parts(
                () -> cipher,
                () -> agreement,
                () -> admission,
                () -> packets,
                () -> settings,
                () -> keyLives.get(),
                loops.group(),
                new NonceSource(random),
                new Refusals(),
                new ConnectionLog(),
                new QueueBudget());
        channels = new ChannelRegistry(parts);
        requests = new RequestHandler(
                parts, channels, new ServerChannel(parts, decoy(random), () -> null), this::serverId);
        ticks = loops.group()
                .next()
                .scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private static ChannelSettings decoy(SecureRandom random) {
        byte[] secret = new byte[SharedSecret.LENGTH];
        random.nextBytes(secret);
        return new ChannelSettings(
                "-",
                0,
                SharedSecret.ofHex(HexFormat.of().formatHex(secret)),
                true,
                false,
                false,
                List.of(),
                SequenceWindow.MAX_LENGTH,
                Optional.empty(),
                List.of(TunnelReply.NO_STORE),
                Duration.ofSeconds(1),
                L3Settings.NONE);
    }

    @Modified
    void modified(Map<String, Object> properties) {
        try {
            settings = ServerSettings.read(properties);
        } catch (ConfigException e) {
            LOG.error("Configuration refused, the old one stays: {}", e.getMessage());
        }
    }

    @Deactivate
    void deactivate() {
        ticks.cancel(false);
        channels.all().forEach(channels::remove);
    }

    ChannelRegistry registry() {
        return channels;
    }

    Refusals refusals() {
        return parts.refusals();
    }

    QueueBudget queues() {
        return parts.queues();
    }

    @Override
    public CompletionStage<TunnelReply> handle(TunnelRequest request) {
        return requests.handle(request);
    }

    private UUID serverId(KeyAgreement hash) {
        UUID uuid = settings.uuid().orElse(startId);
        byte[] bytes = ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(uuid.getMostSignificantBits())
                .putLong(uuid.getLeastSignificantBits())
                .array();
        return PeerId.ofServer(PeerId.SESSIONS | PeerId.BATCH | PeerId.CONTINUES, hash.sha3(bytes, new byte[0]));
    }

    private void tick() {
        try {
            long now = System.nanoTime();
            channels.all().forEach(channel -> channel.tick(now));
            parts.connections().open().forEach(connection -> connection.closeIfIdle(now));
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
    public List<SessionStatus> sessions() {
        return channels.all().stream()
                .flatMap(channel -> channel.sessions().all().stream())
                .map(Session::status)
                .toList();
    }

    @Override
    public List<ConnectionStatus> connections() {
        return parts.connections().open().stream().map(L7Connection::status).toList();
    }

    @Override
    public List<ConnectionStatus> closedConnections() {
        return parts.connections().closed();
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
        return parts.connections().open().stream()
                .filter(connection -> connection.status().id().equals(id))
                .peek(connection -> connection.close("closed by the operator"))
                .findFirst()
                .isPresent();
    }
}
