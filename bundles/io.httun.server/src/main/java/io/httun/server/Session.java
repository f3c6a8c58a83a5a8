// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.HttunException;
import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.FrameKey;
import io.httun.api.status.SessionStatus;
import io.httun.protocol.Frame;
import io.httun.protocol.KeyLife;
import io.httun.protocol.NonceSource;
import io.httun.protocol.Operation;
import io.httun.protocol.PeerId;
import io.httun.toolkit.audit.AuditEvent;
import io.httun.toolkit.audit.AuditTrail;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.lang.ref.WeakReference;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A session: one key, one order of frames each way, one L7 connection. Its two sides have a lock each, and neither
 * side's lock is ever taken with the other's held.
 */
final class Session {
    /**
     * Changed by the session table only, with its lock held.
     *
     * <pre>
     * UNCONFIRMED --first valid frame--> CONFIRMED --ended, idle, replaced--> ENDED
     *      `--------10 s, too many, nothing to continue------------------------^
     * </pre>
     */
    enum State {
        UNCONFIRMED,
        CONFIRMED,
        ENDED
    }

    /** A session as an HTTP connection remembers it, which may outlive it by far. */
    static final class Hint {
        private final WeakReference<Session> session;

        private Hint(Session session) {
            this.session = new WeakReference<>(session);
        }

        /** Null once nobody else needs it. */
        Session session() {
            return session.get();
        }
    }

    private final ServerChannel channel;
    private final UUID client;
    private final ClientProtocol protocol;
    private final boolean continuing;
    private final FrameKey key;
    private final EventLoop loop;
    private final String id = RandomId.next();
    private final KeyLife life;
    private final long created = System.nanoTime();
    private final Traffic traffic;
    private final L7Slot slot;
    private final SessionOutbox outbox;
    private final SessionInbox inbox;
    private final SessionPackets packets;
    private final RequestNumbers numbers = new RequestNumbers();
    private final Parts parts;
    private final Hint hint = new Hint(this);
    private final SessionProbe probe;
    private SessionPipe pipe;
    private volatile L3Client l3;
    private volatile State state = State.UNCONFIRMED;
    private volatile long lastUsed = created;
    private volatile String peer = "";
    private final AtomicBoolean opened = new AtomicBoolean();

    /** @param hello what the client showed of itself at its init */
    Session(Parts parts, ServerChannel channel, UUID hello, FrameKey key) {
        this.parts = parts;
        this.channel = channel;
        this.client = clientOf(hello);
        this.protocol = ClientProtocol.of(client);
        this.continuing = isContinuing(hello);
        this.key = key;
        this.loop = parts.loops().next();
        this.life = parts.keyLives().get();
        this.traffic = new Traffic(channel.traffic());
        this.slot = new L7Slot(parts.queues(), this);
        this.outbox = new SessionOutbox(parts, this, channel.settings().windowLength());
        this.inbox = new SessionInbox(this, parts.queues());
        this.packets = new SessionPackets(parts, this);
        this.probe = new SessionProbe(this);
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

    /** What the client speaks beyond the stock wire. */
    ClientProtocol protocol() {
        return protocol;
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

    SessionOutbox outbox() {
        return outbox;
    }

    SessionInbox inbox() {
        return inbox;
    }

    /** Packets in parallel requests. */
    SessionPackets packets() {
        return packets;
    }

    /** Questions about the path. */
    SessionProbe probe() {
        return probe;
    }

    /** There are packets for the client. Any thread, without a lock. */
    void pumpPackets() {
        if (protocol == ClientProtocol.PACKETS) {
            packets.pump();
        } else {
            outbox.pump();
        }
    }

    /** Whether the client waits for packets right now. */
    boolean isAskedForPackets() {
        return protocol == ClientProtocol.PACKETS ? packets.isAsked() : outbox.isAsked();
    }

    /** Numbers of a session with parallel requests. */
    RequestNumbers numbers() {
        return numbers;
    }

    NonceSource nonces() {
        return parts.nonces();
    }

    /**
     * Seals a frame for the client in place, and counts it.
     *
     * @throws HttunException if the key is used up
     */
    ByteBuf seal(FrameCipher cipher, Operation operation, long sequence, ByteBuf frame) {
        int payload = frame.readableBytes() - Frame.HEADER_LENGTH;
        if (!life.use(payload + Frame.OVERHEAD)) {
            throw new HttunException("its key is used up");
        }
        traffic.out(payload);
        return Frame.seal(cipher, key(), parts.nonces(), operation, sequence, frame);
    }

    /** The pipe; made when a confirmed session first needs it. */
    SessionPipe pipe() {
        synchronized (numbers) {
            if (pipe == null) {
                pipe = new SessionPipe(parts, this);
            }
            return pipe;
        }
    }

    /** Gives the pipe, if there is one, to the session with its client's next key. */
    void handPipeTo(Session next) {
        SessionPipe handed;
        synchronized (numbers) {
            handed = pipe;
            pipe = null;
        }
        if (handed != null) {
            handed.moveTo(next);
            synchronized (next.numbers) {
                next.pipe = handed;
            }
            next.loop().execute(handed::dropOld);
        }
    }

    /** Looks at what has waited long enough. */
    void tickPipe() {
        SessionPipe now = pipeNow();
        if (now != null) {
            now.tick();
        }
    }

    private SessionPipe pipeNow() {
        synchronized (numbers) {
            return pipe;
        }
    }

    /** Has the client open its next streams elsewhere. */
    void drain() {
        SessionPipe now = pipeNow();
        if (now != null) {
            now.drain();
        }
    }

    /** Ends it; a client with a pipe is told why. */
    void stop(String why) {
        SessionPipe now = pipeNow();
        if (now != null) {
            now.stop(why);
        } else {
            channel.sessions().end(this, why);
        }
    }

    private void endPipe(String why) {
        SessionPipe now;
        synchronized (numbers) {
            now = pipe;
            pipe = null;
        }
        if (now != null) {
            now.end(why);
        }
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

    /** Whether the client has bytes enough for the moment: a silence of its application's, which its connection survives. */
    boolean isPaused() {
        return slot.isOpen() && outbox.isPaused();
    }

    /** @param from where a request came from; empty where that is not known */
    void seenFrom(String from) {
        peer = from;
    }

    /** Address of the client; empty where it is not known. For filters and limits, and nowhere else. */
    String peer() {
        return peer;
    }

    /** What HTTP connections keep of the session, so that they do not keep it in memory. */
    Hint hint() {
        return hint;
    }

    /** Forgets everything; who waits is refused. Called once, by the session table, without any lock. */
    /** To be called once it is confirmed. */
    void recordOpened() {
        if (opened.compareAndSet(false, true)) {
            AuditTrail.publish(
                    AuditEvent.of("session/OPENED", "session", id, "channel", channel.name(), "source", peer));
        }
    }

    void destroy(String why) {
        if (opened.compareAndSet(true, false)) {
            AuditTrail.publish(AuditEvent.of(
                    "session/CLOSED",
                    "session",
                    id,
                    "channel",
                    channel.name(),
                    "source",
                    peer,
                    "reason",
                    why,
                    "bytesIn",
                    Long.toString(traffic.bytesIn()),
                    "bytesOut",
                    Long.toString(traffic.bytesOut())));
        }
        outbox.end();
        inbox.end();
        packets.end();
        probe.end();
        slot.end(why);
        endPipe(why);
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
                TimeUnit.NANOSECONDS.toSeconds(now - created),
                traffic.framesIn(),
                traffic.framesOut(),
                traffic.bytesIn(),
                traffic.bytesOut());
    }
}
