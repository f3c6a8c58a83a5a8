// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.crypto.FrameKey;
import io.httun.api.crypto.KeyAgreement;
import io.httun.api.status.StatusSource.ChannelStatus;
import io.httun.api.target.TargetConnector;
import io.httun.api.tunnel.TunnelReply;
import io.httun.protocol.KeySchedule;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/** A channel that is served: its settings, which may change while sessions live, and its sessions. */
final class ServerChannel {
    private static final Map.Entry<String, String> BINARY = Map.entry("content-type", "application/octet-stream");

    /** Replies that need not be made anew each time. */
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
    private final Supplier<TargetConnector> connector;
    private final SessionTable sessions = new SessionTable();
    private final InitLimit inits = new InitLimit();
    private final Traffic traffic = new Traffic(null);
    private final LongAdder refused = new LongAdder();
    private final LongAdder requests = new LongAdder();
    private final L3Switch l3;
    private volatile ChannelSettings settings;
    private volatile Replies replies;
    private volatile FrameKey initKey;
    private volatile boolean ended;

    /** @param connector gives null while there is none */
    ServerChannel(Parts parts, ChannelSettings settings, Supplier<TargetConnector> connector) {
        this.parts = parts;
        this.connector = connector;
        this.l3 = new L3Switch(parts, this);
        update(settings);
    }

    /** New settings with the same id and secret; sessions go on. */
    void update(ChannelSettings changed) {
        settings = changed;
        replies = Replies.of(changed.headers());
        if (!changed.enabled()) {
            endSessions("channel disabled");
        }
    }

    ChannelSettings settings() {
        return settings;
    }

    String name() {
        return settings.name();
    }

    TargetConnector connector() {
        return connector.get();
    }

    L3Switch l3() {
        return l3;
    }

    SessionTable sessions() {
        return sessions;
    }

    /** Whether an init may cost a key agreement now. */
    boolean allowsInit(byte[] publicKey, int perSecond) {
        return inits.allows(publicKey, perSecond);
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

    /** Made at first use, since the service that makes it may come later than the channel. */
    FrameKey initKey(KeyAgreement agreement) {
        FrameKey key = initKey;
        if (key == null) {
            synchronized (this) {
                key = initKey;
                if (key == null) {
                    key = KeySchedule.initKey(agreement, settings.secret());
                    initKey = key;
                }
            }
        }
        return key;
    }

    boolean isServed() {
        return settings.enabled() && !ended;
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

    /** Time passes: called several times a second. */
    void tick(long now) {
        sessions.expire(now, parts.settings().get().sessionIdle().toNanos());
        for (Session session : sessions.all()) {
            session.reads().expire(now);
            session.writes().expire(now);
        }
    }

    void endSessions(String why) {
        sessions.all().forEach(session -> sessions.end(session, why));
    }

    /** The channel is gone, or has another key from now on. */
    void end(String why) {
        ended = true;
        sessions.retire().forEach(session -> sessions.end(session, why));
        l3.use(null);
    }

    ChannelStatus status() {
        long connections = parts.connections().open().stream()
                .filter(connection -> connection.origin() == this)
                .count();
        return new ChannelStatus(
                "server",
                name(),
                settings.id(),
                settings.enabled() ? "enabled" : "disabled",
                sessions.size(),
                (int) connections,
                requests.sum(),
                traffic.framesIn(),
                traffic.framesOut(),
                traffic.bytesIn(),
                traffic.bytesOut(),
                refused.sum());
    }
}
