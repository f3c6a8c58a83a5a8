// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.relay.RelayOrigin;
import io.httun.api.status.ChannelStatus;
import io.httun.api.status.ChannelUse;
import io.httun.api.status.Problem;
import io.httun.api.tunnel.TunnelReply;
import io.netty.buffer.ByteBuf;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A channel that is served: its settings, which may change while sessions live, and its sessions. */
final class ServerChannel {
    private static final Logger LOG = LoggerFactory.getLogger(ServerChannel.class);
    private static final Map.Entry<String, String> BINARY = Map.entry("content-type", "application/octet-stream");

    /** Replies without a frame, made once, and the headers of those with one. */
    private record Replies(
            TunnelReply nothing, TunnelReply wrong, TunnelReply idle, List<Map.Entry<String, String>> frameHeaders) {
        static Replies of(List<Map.Entry<String, String>> headers) {
            List<Map.Entry<String, String>> withBody = new ArrayList<>(headers);
            withBody.add(BINARY);
            return new Replies(
                    TunnelReply.bare(200, headers),
                    TunnelReply.bare(400, headers),
                    TunnelReply.bare(408, headers),
                    List.copyOf(withBody));
        }
    }

    private final Parts parts;
    private final RelayOrigin origin;
    private final InitKeys initKeys;
    private final SessionTable sessions = new SessionTable();
    private final InitLimit inits = new InitLimit();
    private final Traffic traffic = new Traffic(null);
    private final LongAdder refused = new LongAdder();
    private final LongAdder requests = new LongAdder();
    private final L3Switch l3;
    private volatile ChannelSettings settings;
    private volatile Replies replies;
    private volatile ChannelUsage usage;
    private volatile String closed = "";
    private long counted;
    private volatile boolean ended;

    /** @param origin of its connections; null for the decoy, which has none */
    ServerChannel(Parts parts, ChannelSettings settings, RelayOrigin origin) {
        this.parts = parts;
        this.origin = origin;
        this.initKeys = new InitKeys(parts);
        this.l3 = new L3Switch(parts, this);
        update(settings);
    }

    /** New settings with the same id and secret; sessions go on. */
    void update(ChannelSettings changed) {
        ChannelSettings old = settings;
        settings = changed;
        if (old == null || !old.secrets().equals(changed.secrets())) {
            initKeys.change(name(), changed.secrets());
        }
        if (origin != null && (usage == null || !old.name().equals(changed.name()))) {
            usage = parts.usages().of(changed.name());
        }
        checkLimits(Instant.now());
        if (origin != null) {
            origin.change(changed.relay());
        }
        replies = Replies.of(changed.headers());
        if (!changed.enabled()) {
            endSessions("channel disabled");
        }
        sessions.all().stream()
                .filter(session -> !session.peer().isEmpty() && !accepts(session.peer()))
                .forEach(session -> sessions.end(session, "the channel's sources have changed"));
    }

    ChannelSettings settings() {
        return settings;
    }

    String name() {
        return settings.name();
    }

    /** The engine's accounting of this channel's connections. */
    RelayOrigin origin() {
        return origin;
    }

    L3Switch l3() {
        return l3;
    }

    SessionTable sessions() {
        return sessions;
    }

    /** Whether the rate of inits allows one more key agreement. */
    boolean allowsInit(byte[] publicKey, int perSecond) {
        return inits.allows(publicKey, perSecond);
    }

    InitKeys initKeys() {
        return initKeys;
    }

    Traffic traffic() {
        return traffic;
    }

    void countRequest() {
        requests.increment();
    }

    void countRefused() {
        refused.increment();
    }

    boolean isServed() {
        return settings.enabled() && !ended && closed.isEmpty();
    }

    /** Whether requests may come from this address. */
    boolean accepts(String peer) {
        return settings.limits().sources().contains(peer);
    }

    /** Whether it has carried as much as it may. */
    boolean isSpent() {
        return settings.limits().spent(used(Instant.now())).isPresent();
    }

    private UsageCounts used(Instant now) {
        return usage.on(settings.limits().today(now));
    }

    TunnelReply nothing() {
        return replies.nothing();
    }

    TunnelReply wrong() {
        return replies.wrong();
    }

    TunnelReply idle() {
        return replies.idle();
    }

    TunnelReply frame(ByteBuf frame, TunnelReply.Delivery delivery) {
        return new TunnelReply(200, replies.frameHeaders(), frame, delivery);
    }

    void end(Session session, String why) {
        if (sessions.end(session, why)) {
            parts.refusals()
                    .count(Refusals.Cause.SESSION, "channel " + name() + ", session " + session.id() + ": " + why);
        }
    }

    /** Called several times a second. */
    Optional<Problem> problem() {
        return initKeys.problem();
    }

    void tick(long now) {
        count();
        checkLimits(Instant.now());
        initKeys.tick(Instant.now());
        ServerSettings server = parts.settings().get();
        sessions.expire(
                now,
                server.sessionIdle().toNanos(),
                server.sessionPaused().toNanos(),
                server.resume().toNanos());
        for (Session session : sessions.all()) {
            session.tick(now);
        }
    }

    /** Adds the traffic since the last call to the usage. */
    private synchronized void count() {
        long all = traffic.bytesIn() + traffic.bytesOut();
        usage.add(all - counted, settings.limits().today(Instant.now()));
        counted = all;
    }

    private void checkLimits(Instant now) {
        if (origin == null) {
            return;
        }
        ChannelLimits limits = settings.limits();
        String closure = parts.closures().why(name());
        String why = closure.isEmpty() ? limits.closed(now) : closure;
        if (!why.equals(closed)) {
            LOG.info("Channel {} is {}", name(), why.isEmpty() ? "open" : "closed: " + why);
            closed = why;
        }
        if (!why.isEmpty()) {
            endSessions("the channel is closed: " + why);
        } else {
            limits.spent(used(now)).ifPresent(quota -> endSessions("its quota of " + quota + " is used up"));
        }
    }

    void endSessions(String why) {
        sessions.all().forEach(session -> sessions.end(session, why));
    }

    /** The channel has been removed or replaced. */
    void end(String why) {
        ended = true;
        sessions.retire().forEach(session -> sessions.end(session, why));
        count();
        l3.use(null);
        origin.close();
    }

    private String state() {
        if (!settings.enabled()) {
            return "disabled";
        }
        return !closed.isEmpty() ? closed : isSpent() ? "quota used up" : "enabled";
    }

    ChannelUse use() {
        ChannelLimits limits = settings.limits();
        UsageCounts used = used(Instant.now());
        return new ChannelUse(
                name(),
                used.day(),
                used.week(),
                used.month(),
                limits.quotas().stream().map(Quota::toString).collect(Collectors.joining(", ")),
                limits.expiry(),
                initKeys.rotationEnd().map(Instant::toString).orElse(""));
    }

    ChannelStatus status() {
        return new ChannelStatus(
                "server",
                name(),
                settings.id(),
                state(),
                sessions.size(),
                origin.open(),
                requests.sum(),
                traffic.framesIn(),
                traffic.framesOut(),
                traffic.bytesIn(),
                traffic.bytesOut(),
                refused.sum(),
                "");
    }
}
