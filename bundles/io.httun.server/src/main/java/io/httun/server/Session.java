// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.FrameKey;
import io.httun.api.status.SessionStatus;
import io.httun.protocol.Frame;
import io.httun.protocol.KeyLife;
import io.httun.protocol.Operation;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.lang.ref.WeakReference;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * A session: one key, one sequence of frames in each direction, one L7 connection. Inbox and outbox have a lock each, and neither
 * lock is ever taken while the other is held.
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

    /** How an HTTP connection remembers a session: weakly, since the connection may outlive it by far. */
    static final class Hint {
        private final WeakReference<Session> session;

        private Hint(Session session) {
            this.session = new WeakReference<>(session);
        }

        /** Null once the session has been collected. */
        Session session() {
            return session.get();
        }
    }

    private final ServerChannel channel;
    private final ClientIdentity client;
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
    private final PipeSlot pipe;
    private final SessionAudit audit = new SessionAudit(this);
    private volatile L3Client l3;
    private volatile State state = State.UNCONFIRMED;
    private volatile long lastUsed = created;
    private volatile String peer = "";

    Session(Parts parts, ServerChannel channel, ClientIdentity client, FrameKey key) {
        this.parts = parts;
        this.channel = channel;
        this.client = client;
        this.key = key;
        this.loop = parts.loops().next();
        this.life = parts.keyLives().get();
        this.traffic = new Traffic(channel.traffic());
        this.slot = new L7Slot(parts.queues(), this);
        this.outbox = new SessionOutbox(parts, this, channel.settings().windowLength());
        this.inbox = new SessionInbox(this, parts.queues());
        this.packets = new SessionPackets(parts, this);
        this.probe = new SessionProbe(this);
        this.pipe = new PipeSlot(parts, this);
    }

    ServerChannel channel() {
        return channel;
    }

    UUID client() {
        return client.uuid();
    }

    boolean isContinuing() {
        return client.continuing();
    }

    ClientProtocol protocol() {
        return client.protocol();
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
        if (protocol() == ClientProtocol.PACKETS) {
            packets.pump();
        } else {
            outbox.pump();
        }
    }

    /** Whether the client waits for packets right now. */
    boolean isAskedForPackets() {
        return protocol() == ClientProtocol.PACKETS ? packets.isAsked() : outbox.isAsked();
    }

    /** Numbers of a session with parallel requests. */
    RequestNumbers numbers() {
        return numbers;
    }

    /**
     * Seals a frame for the client in place, and counts it as traffic.
     *
     * @throws KeyUsedUpException if the key may not protect it
     */
    ByteBuf seal(FrameCipher cipher, Operation operation, long sequence, ByteBuf frame) {
        int payload = frame.readableBytes() - Frame.HEADER_LENGTH;
        ByteBuf sealed = sealUncounted(cipher, operation, sequence, frame);
        traffic.out(payload);
        return sealed;
    }

    /** As {@link #seal}, for frames that carry nothing. */
    ByteBuf sealUncounted(FrameCipher cipher, Operation operation, long sequence, ByteBuf frame) {
        int payload = frame.readableBytes() - Frame.HEADER_LENGTH;
        if (!life.use(payload + Frame.OVERHEAD)) {
            throw new KeyUsedUpException();
        }
        return Frame.seal(cipher, key, parts.nonces(), operation, sequence, frame);
    }

    SessionPipe pipe() {
        return pipe.get();
    }

    PipeSlot pipeSlot() {
        return pipe;
    }

    /** Has the client open its next streams elsewhere. */
    void drain() {
        pipe.drain();
    }

    /** Ends it; a client with a pipe is told why. */
    void stop(String why) {
        if (!pipe.stop(why)) {
            channel.sessions().end(this, why);
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

    /** Whether the client has got bytes and asks for no more: its application does not read, which its connection survives. */
    boolean isPaused() {
        return slot.isOpen() && outbox.isPaused();
    }

    /** @param from address of a request; empty if unknown */
    void seenFrom(String from) {
        peer = from;
    }

    /** Address of the client; empty if unknown. Only filters, limits and the audit trail may use it. */
    String peer() {
        return peer;
    }

    Hint hint() {
        return hint;
    }

    SessionAudit audit() {
        return audit;
    }

    /** Answers requests that have waited long enough, and ends an idle connection. */
    void tick(long now) {
        outbox.expire(now);
        packets.expire(now);
        inbox.expire(now);
        slot.endIfIdle(now);
        pipe.tick();
    }

    /** Releases everything and refuses the requests that wait. Called once, by the session table, without any lock. */
    void destroy(String why) {
        audit.closed(why);
        outbox.end();
        inbox.end();
        packets.end();
        probe.end();
        slot.end(why);
        pipe.end(why);
        channel.l3().ended(this);
        key.destroy();
    }

    SessionStatus status() {
        long now = System.nanoTime();
        return new SessionStatus(
                id,
                "server",
                channel.name(),
                parts.settings().get().node(),
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
