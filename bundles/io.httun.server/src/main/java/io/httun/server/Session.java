// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.config.BasicCredentials;
import io.httun.api.crypto.FrameKey;
import io.httun.api.status.StatusSource.SessionStatus;
import io.httun.api.target.RequestContext;
import io.httun.protocol.KeyLife;
import io.httun.protocol.PeerId;
import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * A session: one key, one order of frames each way, one L7 connection. Its two sides have a lock each, and neither
 * side's lock is ever taken with the other's held.
 */
final class Session {
    enum State {
        UNCONFIRMED,
        CONFIRMED,
        ENDED
    }

    private final ServerChannel channel;
    private final UUID client;
    private final boolean continuing;
    private final FrameKey key;
    private final EventLoop loop;
    private final String id = RandomId.next();
    private final KeyLife life;
    private final long created = System.nanoTime();
    private final Traffic traffic;
    private final L7Slot slot;
    private final ReadSide reads;
    private final WriteSide writes;
    private volatile L3Client l3;
    private volatile State state = State.UNCONFIRMED;
    private volatile long lastUsed = created;
    private volatile String peer = "";

    /** @param hello what the client showed of itself at its init */
    Session(Parts parts, ServerChannel channel, UUID hello, FrameKey key) {
        this.channel = channel;
        this.client = clientOf(hello);
        this.continuing = isContinuing(hello);
        this.key = key;
        this.loop = parts.loops().next();
        this.life = parts.keyLives().get();
        this.traffic = new Traffic(channel.traffic());
        this.slot = new L7Slot(parts, this);
        this.reads = new ReadSide(parts, this, channel.settings().windowLength());
        this.writes = new WriteSide(this, parts.queues());
    }

    ServerChannel channel() {
        return channel;
    }

    UUID client() {
        return client;
    }

    /** Who began or continues a session, whichever of the two the init says. */
    static UUID clientOf(UUID hello) {
        return isContinuing(hello) ? PeerId.with(hello, PeerId.CONTINUES, false) : hello;
    }

    /** Whether an init is for a session that is there, and of no use without it: what comes is not the beginning of a connection. */
    static boolean isContinuing(UUID hello) {
        return (PeerId.capabilities(hello) & PeerId.CONTINUES) != 0;
    }

    boolean isContinuing() {
        return continuing;
    }

    /** Whether the client is one of ours, which goes on with its connection under a new key. */
    boolean isOurs() {
        return (PeerId.capabilities(client) & PeerId.SESSIONS) != 0;
    }

    /** Whether bodies hold batches of frames. */
    boolean batches() {
        return (PeerId.capabilities(client) & PeerId.BATCH) != 0;
    }

    FrameKey key() {
        return key;
    }

    KeyLife life() {
        return life;
    }

    EventLoop loop() {
        return loop;
    }

    Traffic traffic() {
        return traffic;
    }

    L7Slot slot() {
        return slot;
    }

    /** The client of an L3 channel that has this session; made when it first sends or asks for packets. */
    L3Client l3() {
        L3Client joined = l3;
        if (joined == null) {
            joined = channel.l3().join(this);
            l3 = joined;
        }
        return joined;
    }

    ReadSide reads() {
        return reads;
    }

    WriteSide writes() {
        return writes;
    }

    String id() {
        return id;
    }

    State state() {
        return state;
    }

    /** Changed by the session table only. */
    void become(State next) {
        state = next;
    }

    long created() {
        return created;
    }

    long lastUsed() {
        return lastUsed;
    }

    void used() {
        lastUsed = System.nanoTime();
    }

    /** @param from where a request came from; empty where that is not known */
    void seenFrom(String from) {
        peer = from;
    }

    /** Who wants a connection now; for the filters, and nowhere else. */
    RequestContext who() {
        return new RequestContext(
                channel.settings().credentials().map(BasicCredentials::user).orElse(""),
                Optional.ofNullable(NetUtil.createInetAddressFromIpAddressString(peer)));
    }

    /** Forgets everything; who waits is refused. Called once, by the session table, without any lock. */
    void destroy(String why) {
        reads.end();
        writes.end();
        slot.end(why);
        channel.l3().ended(this);
        key.destroy();
    }

    SessionStatus status() {
        long now = System.nanoTime();
        return new SessionStatus(
                id,
                "server",
                channel.name(),
                state == State.CONFIRMED ? "open" : state == State.ENDED ? "closed" : "unconfirmed",
                TimeUnit.NANOSECONDS.toSeconds(now - created),
                TimeUnit.NANOSECONDS.toSeconds(now - lastUsed),
                traffic.framesIn(),
                traffic.framesOut(),
                traffic.bytesIn(),
                traffic.bytesOut());
    }
}
