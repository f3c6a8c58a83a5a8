// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.api.crypto.FrameCipher;
import io.httun.api.status.SessionStatus;
import io.httun.api.target.RefusedException;
import io.httun.protocol.FrameBody;
import io.httun.protocol.Operation;
import io.httun.protocol.pipe.Backoff;
import io.httun.protocol.pipe.PacketPacer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Packets in parallel requests ({@code docs/wire.md}), with a server of ours. Confined to its event loop, but for {@link #status}.
 *
 * <pre>
 * OPEN ──7/8 of the key used, or an hour──▶ REKEYING ──answered, and every w too──▶ OPEN
 *   any ──the server does not know it, silent for too long, stop──▶ ENDED
 * </pre>
 */
final class ParallelPackets implements PacketCarrier {
    private enum Phase {
        OPEN,
        REKEYING,
        ENDED
    }

    private static final int WRONG = 400;
    private static final int NOT_FOUND = 404;

    /** Requests that wait at the server while there are packets, so that one is there while the other is on its way. */
    private static final int WAITING = 2;

    /** A reply of this length is no small one: more requests would carry more. */
    private static final int FULL = 4 << 10;

    /** Without packets for so long, one waiting request is enough. */
    private static final long QUIET = TimeUnit.SECONDS.toNanos(30);

    /** TCP has sent a packet again by then. */
    private static final long TOO_OLD = TimeUnit.SECONDS.toNanos(2);

    /** How often a session without a cipher looks for one. */
    private static final long CIPHER_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private static final long KEY_NANOS = TimeUnit.HOURS.toNanos(1);

    /** For replies that are under way when the key changes. */
    private static final long OLD_KEY_SECONDS = 60;

    private final ClientContext context;
    private final EventLoop loop;
    private final UUID slot;
    private final User user;
    private final RequestHeads heads;
    private final LinkPool links;
    private final Counters counters;
    private final PacketPacer pacer = new PacketPacer();
    private final Backoff writeBackoff = new Backoff();
    private final Backoff readBackoff = new Backoff();
    private final Set<PacketWrite> writes = new HashSet<>();
    private final Deque<PacketWrite> again = new ArrayDeque<>();
    private final Set<PacketRead> reads = new HashSet<>();
    private final Set<PacketArrivals> former = new HashSet<>();
    private final int mostWrites;
    private final int mostReads;
    private final String id =
            HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong(), 8);
    private final long since = System.nanoTime();
    private volatile Phase phase = Phase.OPEN;
    private volatile long lastAnswer = since;
    private volatile String problem = "";
    private PacketArrivals arrivals;
    private InitAttempt.Ready next;
    private volatile long keySince = since;
    private int wantedReads = WAITING;
    private long nextRead;
    private long lastPacket = since;
    private long shortestRead = Long.MAX_VALUE;
    private boolean pumping;
    private boolean pumpAgain;
    private Future<?> wake;
    private long wakeAt;

    ParallelPackets(ClientContext context, EventLoop loop, UUID slot, InitAttempt.Ready ready, User user) {
        this.context = context;
        this.loop = loop;
        this.slot = slot;
        this.user = user;
        this.heads = ready.heads();
        this.arrivals = new PacketArrivals(ready.keys());
        this.counters = new Counters(context.counters());
        this.links = new LinkPool(loop, context.dialer(), heads.url());
        links.add(ready.link());
        int connections = context.settings().wayOut().pipes().connections();
        this.mostReads = connections / 2;
        this.mostWrites = connections - mostReads;
    }

    @Override
    public void start() {
        pump();
    }

    @Override
    public void pump() {
        if (pumping) {
            pumpAgain = true;
            return;
        }
        pumping = true;
        do {
            pumpAgain = false;
            work(System.nanoTime());
        } while (pumpAgain && phase != Phase.ENDED);
        pumping = false;
    }

    private void work(long now) {
        if (phase == Phase.ENDED) {
            return;
        }
        if (now - lastAnswer > TimeUnit.MILLISECONDS.toNanos(timeouts().patience())
                && (writeBackoff.isFailing() || readBackoff.isFailing())) {
            lose(new HttunException("the server was silent for " + timeouts().patience() / 1000 + " s: " + problem));
            return;
        }
        if (arrivals.deliver(now, user::arrived)) {
            user.answered(() -> {});
        }
        rekeyWhenDue(now);
        changeKey();
        FrameCipher cipher = cipher();
        if (phase == Phase.OPEN && cipher != null) {
            try {
                write(cipher, now);
                read(cipher, now);
            } catch (HttunException e) {
                // The key is used up: its successor is asked for.
                problem = e.getMessage();
                pumpAgain = true;
            }
        }
        if (phase != Phase.ENDED) {
            arm(cipher == null, now);
        }
    }

    // ---- to the server ----

    private void write(FrameCipher cipher, long now) {
        while (mayWrite() && !writeBackoff.isWaiting(now)) {
            PacketWrite write = nextWrite(cipher, now);
            if (write == null) {
                return;
            }
            writes.add(write);
            write.send(links, pacer.sent(write.length(), now), now);
        }
    }

    private boolean mayWrite() {
        return phase == Phase.OPEN && writes.size() < (writeBackoff.isProbing() ? 1 : mostWrites);
    }

    private PacketWrite nextWrite(FrameCipher cipher, long now) {
        while (!again.isEmpty()) {
            PacketWrite write = again.poll();
            if (write.keys() == arrivals.keys() && now - write.made() < TOO_OLD) {
                return write;
            }
            write.release();
        }
        SessionKeys keys = arrivals.keys();
        int limit = pacer.next(user.outgoing().waiting(), now);
        ByteBuf body = limit == 0
                ? null
                : FrameBody.batch(
                        PooledByteBufAllocator.DEFAULT,
                        limit,
                        user.outgoing(),
                        frame -> keys.sealWrite(cipher, Operation.L3_TO_SERVER, frame));
        return body == null ? null : new PacketWrite(this, keys, body, now);
    }

    void taken(PacketWrite write) {
        if (writes.remove(write)) {
            lastAnswer = System.nanoTime();
            writeBackoff.answered();
            pacer.delivered(write.flight(), lastAnswer);
            user.patience(pacer.roundTrip());
            write.release();
        }
    }

    /** The same frames go out again: a server that has taken them drops them. */
    void failed(PacketWrite write, String why) {
        if (writes.remove(write)) {
            problem = why;
            pacer.lost(write.flight(), writeBackoff.failed(write.began(), System.nanoTime()));
            again.add(write);
        }
    }

    // ---- from the server ----

    private void read(FrameCipher cipher, long now) {
        while (wantsRead(now) && !readBackoff.isWaiting(now)) {
            PacketRead read = new PacketRead(this, arrivals, now);
            reads.add(read);
            boolean sent = false;
            try {
                read.send(cipher, links, nextRead++);
                sent = true;
            } finally {
                if (!sent) {
                    reads.remove(read);
                }
            }
        }
    }

    private boolean wantsRead(long now) {
        int wanted = readBackoff.isProbing() || now - lastPacket > QUIET ? 1 : wantedReads;
        return phase == Phase.OPEN && reads.size() < Math.min(wanted, mostReads);
    }

    /** @param length of a reply with packets, which its {@link PacketArrivals} have; 0 for none */
    void answered(PacketRead read, int length) {
        long now = System.nanoTime();
        lastAnswer = now;
        if (reads.remove(read)) {
            readBackoff.answered();
            want(length, now - read.began(), now);
        } else {
            // Of a former key, under which nothing is waited for.
            read.arrivals().skipGaps();
        }
        read.arrivals().deliver(now, user::arrived);
        user.answered(this::pump);
    }

    /** Packets wait at the server where a request had not to wait there, or brought more than a few of them. */
    private void want(int length, long took, long now) {
        if (length == 0) {
            wantedReads = Math.max(WAITING, wantedReads / 2);
            return;
        }
        lastPacket = now;
        shortestRead = Math.min(shortestRead, took);
        if (length >= FULL || took < shortestRead + shortestRead / 4) {
            wantedReads = Math.min(mostReads, wantedReads + 1);
        }
    }

    void failed(PacketRead read, String why) {
        if (reads.remove(read)) {
            problem = why;
            readBackoff.failed(read.began(), System.nanoTime());
        }
    }

    /** Whether a reply says that the server does not know the session, or does not want what it carries. */
    boolean isRefusal(int status, boolean page, SessionKeys sealedUnder) {
        return (status == NOT_FOUND || status == WRONG)
                && !page
                && phase == Phase.OPEN
                && sealedUnder == arrivals.keys();
    }

    // ---- keys ----

    private void rekeyWhenDue(long now) {
        if (phase != Phase.OPEN || !arrivals.keys().isEnding() && now - keySince < KEY_NANOS) {
            return;
        }
        phase = Phase.REKEYING;
        HttpLink link = new HttpLink(loop, context.dialer(), heads.url());
        InitAttempt.again(context, loop, slot, arrivals.keys().peer().node(), heads, link, new InitAttempt.Then() {
            @Override
            public void ready(InitAttempt.Ready ready) {
                if (phase == Phase.ENDED) {
                    ready.link().close();
                    ready.keys().destroy();
                } else if (ready.keys().peer().parallel()) {
                    next = ready;
                    changeKey();
                } else {
                    ready.link().close();
                    ready.keys().destroy();
                    lose(new HttunException("another server answered the init"));
                }
            }

            @Override
            public void refused(RefusedException refusal) {
                lose(refusal);
            }
        });
    }

    /** Takes the next key once no {@code w} is under way: the server drops the old session with the first frame of the new one. */
    private void changeKey() {
        if (next == null || !writes.isEmpty()) {
            return;
        }
        PacketArrivals old = arrivals;
        former.add(old);
        loop.schedule(() -> forget(old), OLD_KEY_SECONDS, TimeUnit.SECONDS);
        old.skipGaps();
        old.deliver(System.nanoTime(), user::arrived);
        user.answered(() -> {});
        arrivals = new PacketArrivals(next.keys());
        links.add(next.link());
        next = null;
        keySince = System.nanoTime();
        phase = Phase.OPEN;
        reads.clear();
        pump();
    }

    private void forget(PacketArrivals old) {
        if (former.remove(old)) {
            old.close();
        }
    }

    // ---- time ----

    private void arm(boolean withoutCipher, long now) {
        long at = arrivals.wakeAt();
        if (withoutCipher) {
            at = earlier(at, now + CIPHER_NANOS);
        }
        if (phase == Phase.OPEN && !withoutCipher) {
            if (mayWrite()) {
                long due = again.isEmpty() ? pacer.wakeAt(user.outgoing().waiting()) : now;
                at = earlier(at, writeBackoff.isWaiting(now) ? writeBackoff.until() : due);
            }
            if (wantsRead(now)) {
                at = earlier(at, readBackoff.isWaiting(now) ? readBackoff.until() : now);
            }
        }
        if (at == Long.MAX_VALUE || wake != null && wakeAt - at <= 0) {
            return;
        }
        if (wake != null) {
            wake.cancel(false);
        }
        wakeAt = at;
        wake = loop.schedule(this::woken, Math.max(0, at - now), TimeUnit.NANOSECONDS);
    }

    private static long earlier(long one, long other) {
        return one == Long.MAX_VALUE || other != Long.MAX_VALUE && other - one < 0 ? other : one;
    }

    private void woken() {
        wake = null;
        pump();
    }

    // ---- the end ----

    @Override
    public void lose(HttunException cause) {
        if (phase == Phase.ENDED) {
            return;
        }
        phase = Phase.ENDED;
        if (wake != null) {
            wake.cancel(false);
        }
        links.close();
        writes.forEach(PacketWrite::release);
        writes.clear();
        again.forEach(PacketWrite::release);
        again.clear();
        reads.clear();
        arrivals.close();
        former.forEach(PacketArrivals::close);
        former.clear();
        if (next != null) {
            next.link().close();
            next.keys().destroy();
        }
        user.lost(cause);
        user.ended();
    }

    @Override
    public void stop(HttunException cause) {
        lose(cause);
    }

    // ---- for its requests ----

    FrameCipher cipher() {
        return context.surroundings().cipher().get();
    }

    Timeouts timeouts() {
        return context.settings().timeouts();
    }

    RequestHeads heads() {
        return heads;
    }

    @Override
    public Counters counters() {
        return counters;
    }

    // ---- status, any thread ----

    @Override
    public String id() {
        return id;
    }

    @Override
    public SessionStatus status() {
        long now = System.nanoTime();
        return new SessionStatus(
                id,
                "client",
                context.settings().name(),
                phase == Phase.OPEN ? "open" : phase == Phase.REKEYING ? "re-keying" : "ending",
                TimeUnit.NANOSECONDS.toSeconds(now - since),
                TimeUnit.NANOSECONDS.toSeconds(now - lastAnswer),
                TimeUnit.NANOSECONDS.toSeconds(now - keySince),
                counters.framesIn.sum(),
                counters.framesOut.sum(),
                counters.bytesIn.sum(),
                counters.bytesOut.sum());
    }
}
