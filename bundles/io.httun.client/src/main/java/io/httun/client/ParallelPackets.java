// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.api.crypto.FrameCipher;
import io.httun.api.status.SessionStatus;
import io.httun.api.target.RefusedException;
import io.netty.channel.EventLoop;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * Packets in parallel requests ({@code docs/wire.md}), with a server of ours. Confined to its event loop, except {@link #id} and {@link #status}.
 *
 * <pre>
 * OPEN ──7/8 of the key used, or an hour──▶ REKEYING ──init and every w answered──▶ OPEN
 *   any ──session unknown at the server, server silent for too long, stop──▶ ENDED
 * </pre>
 */
final class ParallelPackets implements PacketCarrier {
    private enum Phase {
        OPEN,
        REKEYING,
        ENDED
    }

    /** How often a session without a cipher looks for one. */
    private static final long CIPHER_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private static final long KEY_NANOS = TimeUnit.HOURS.toNanos(1);

    /** For replies that are on their way when the key changes. */
    private static final long OLD_KEY_SECONDS = 60;

    private final ClientContext context;
    private final PathLearner learner;
    private final EventLoop loop;
    private final UUID slot;
    private final User user;
    private final RequestHeads heads;
    private final LinkPool links;
    private final SessionActivity activity;
    private final PacketUplink uplink;
    private final PacketDownlink downlink;
    private final Set<PacketArrivals> former = new HashSet<>();
    private final PumpLoop rounds = new PumpLoop(() -> work(System.nanoTime()), this::isOver);
    private final WakeTimer timer;
    private volatile Phase phase = Phase.OPEN;
    private volatile String problem = "";
    private PacketArrivals arrivals;
    private InitAttempt.Ready next;
    private volatile long keySince;

    ParallelPackets(
            ClientContext context, PathLearner learner, EventLoop loop, UUID slot, InitAttempt.Ready ready, User user) {
        this.context = context;
        this.learner = learner;
        this.loop = loop;
        this.slot = slot;
        this.user = user;
        this.heads = ready.heads();
        this.arrivals = new PacketArrivals(ready.keys());
        this.activity = new SessionActivity(context, heads.url());
        this.keySince = activity.since();
        this.timer = new WakeTimer(loop, this::pump);
        this.links = new LinkPool(loop, context.dialer(), heads.url());
        links.add(ready.link());
        LearntPath path = context.path();
        this.downlink = new PacketDownlink(this, links, () -> path.connections(1) / 2, activity.since());
        this.uplink = new PacketUplink(
                this, links, user.outgoing(), () -> path.connections(1) - path.connections(1) / 2, path::body);
    }

    @Override
    public void start() {
        pump();
    }

    @Override
    public void pump() {
        rounds.run();
    }

    private void work(long now) {
        if (isOver()) {
            return;
        }
        if (now - activity.lastUse() > TimeUnit.MILLISECONDS.toNanos(timeouts().patience())
                && (uplink.isFailing() || downlink.isFailing())) {
            lose(new HttunException("the server was silent for " + timeouts().patience() / 1000 + " s: " + problem));
            return;
        }
        if (arrivals.deliver(now, user::arrived)) {
            user.answered(() -> {});
        }
        rekeyWhenDue(now);
        changeKey();
        FrameCipher cipher = cipher();
        if (isOpen() && cipher != null) {
            try {
                uplink.pump(cipher, arrivals.keys(), now);
                downlink.pump(cipher, arrivals, now);
            } catch (HttunException e) {
                // The key is used up: the next round asks for its successor.
                problem = e.getMessage();
                rounds.again();
            }
        }
        if (!isOver()) {
            timer.wakeAt(wakeAt(cipher != null, now), now);
        }
    }

    private long wakeAt(boolean withCipher, long now) {
        long at = arrivals.wakeAt();
        if (withCipher) {
            at = WakeTimer.earlier(at, uplink.wakeAt(now));
            return WakeTimer.earlier(at, downlink.wakeAt(now));
        }
        return WakeTimer.earlier(at, now + CIPHER_NANOS);
    }

    // ---- what became of requests ----

    void acknowledged(PacketWrite write) {
        long now = System.nanoTime();
        if (uplink.acknowledged(write, now)) {
            activity.used(now);
            user.patience(uplink.roundTrip());
            write.release();
        }
    }

    void failed(PacketWrite write, String why) {
        if (uplink.failed(write, System.nanoTime())) {
            problem = why;
            learner.symptom();
        }
    }

    /** @param length bytes of a reply with packets, which its {@link PacketArrivals} hold; 0 for a reply without */
    void answered(PacketRead read, int length) {
        long now = System.nanoTime();
        activity.used(now);
        learner.answered();
        if (!downlink.answered(read, length, now)) {
            // Under a former key nothing is waited for.
            read.arrivals().skipGaps();
        }
        read.arrivals().deliver(now, user::arrived);
        user.answered(this::pump);
    }

    void failed(PacketRead read, String why) {
        if (downlink.failed(read, System.nanoTime())) {
            problem = why;
            learner.symptom();
        }
    }

    /** @param pooled connection of an answered request */
    void answeredOn(LinkPool.Pooled pooled) {
        if (!pooled.link().isConnected() && context.path().keepAlive()) {
            learner.symptom();
        }
        pooled.giveBack();
    }

    /** Whether a reply means that the server does not know the session or refuses its content. */
    boolean isRefusal(LinkReply reply, SessionKeys sealedUnder) {
        return reply.isRefusal() && isOpen() && sealedUnder == arrivals.keys();
    }

    // ---- keys ----

    private void rekeyWhenDue(long now) {
        if (!isOpen() || !arrivals.keys().isEnding() && now - keySince < KEY_NANOS) {
            return;
        }
        phase = Phase.REKEYING;
        HttpLink link = new HttpLink(loop, context.dialer(), heads.url());
        InitAttempt.again(context, loop, slot, arrivals.keys().peer(), heads, link, new InitAttempt.Then() {
            @Override
            public void ready(InitAttempt.Ready ready) {
                if (isOver()) {
                    ready.discard();
                } else if (ready.keys().peer().parallel()) {
                    next = ready;
                    changeKey();
                } else {
                    ready.discard();
                    lose(new HttunException("another server answered the init"));
                }
            }

            @Override
            public void refused(RefusedException refusal) {
                lose(refusal);
            }
        });
    }

    /** Takes the next key once every {@code w} is answered: the server drops the old session with the first frame of the new one. */
    private void changeKey() {
        if (next == null || !uplink.isIdle()) {
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
        downlink.forget();
        pump();
    }

    private void forget(PacketArrivals old) {
        if (former.remove(old)) {
            old.close();
        }
    }

    // ---- the end ----

    @Override
    public void lose(HttunException cause) {
        if (isOver()) {
            return;
        }
        phase = Phase.ENDED;
        activity.ended(cause.getMessage());
        timer.cancel();
        links.close();
        uplink.close();
        downlink.forget();
        arrivals.close();
        former.forEach(PacketArrivals::close);
        former.clear();
        if (next != null) {
            next.discard();
        }
        user.lost(cause);
        user.ended();
    }

    @Override
    public void stop(HttunException cause) {
        lose(cause);
    }

    // ---- for its requests ----

    boolean isOpen() {
        return phase == Phase.OPEN;
    }

    private boolean isOver() {
        return phase == Phase.ENDED;
    }

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
        return activity.counters();
    }

    // ---- status, any thread ----

    @Override
    public String id() {
        return activity.id();
    }

    @Override
    public SessionStatus status() {
        return activity.status(
                arrivals.keys().peer().node(),
                switch (phase) {
                    case OPEN -> "open";
                    case REKEYING -> "re-keying";
                    case ENDED -> "ending";
                },
                keySince);
    }
}
