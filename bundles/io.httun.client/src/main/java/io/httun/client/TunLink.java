// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.api.crypto.KeyAgreement;
import io.httun.api.target.RefusedException;
import io.httun.api.tun.TunDevice;
import io.httun.protocol.FrameSource;
import io.httun.protocol.PeerId;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries IP packets between a TUN device and the server, in one session after the other under one UUID, until it is closed.
 * Confined to an event loop, except {@link #start}, {@link #close} and the status.
 */
final class TunLink implements PacketCarrier.User, InitAttempt.Then {
    private static final Logger LOG = LoggerFactory.getLogger(TunLink.class);
    private static final long PAUSE = 1000;
    private static final long MAX_PAUSE = 15_000;
    private static final long LOG_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final ClientContext context;
    private final Function<KeyAgreement, UUID> identity;
    private final EventLoop loop;
    private final TunDeviceEnd end;
    private final PathLearner learner;
    private volatile PacketCarrier session;
    private String url = "";
    private volatile String state = "starting";
    private volatile boolean closed;
    private volatile boolean opening;
    private InitAttempt attempt;
    /** Whether the server has answered a request for packets in this session. */
    private boolean proven;

    private HttunException unproven;
    private long lastLogged = System.nanoTime() - LOG_NANOS;
    private UUID slot;
    private long pause = PAUSE;
    private Set<InetAddress> outside = Set.of();

    /** @param identity the UUID under which it initialises every session */
    TunLink(ClientContext context, Function<KeyAgreement, UUID> identity, PacketJudge judge) {
        this.context = context;
        this.identity = identity;
        this.loop = context.surroundings().loops().group().next();
        this.learner = PathLearner.of(context);
        this.end = new TunDeviceEnd(context, loop, judge, () -> session);
    }

    /** Takes the device and connects. */
    void start(TunDevice with) {
        try {
            end.attach(with);
        } catch (HttunException e) {
            state = "no device: " + e.getMessage();
            LOG.error("Client {}: {}", name(), e.getMessage());
            return;
        }
        end.connected(false);
        loop.execute(this::open);
    }

    private void open() {
        if (closed || opening || session != null) {
            return;
        }
        KeyAgreement agreement = context.surroundings().agreement().get();
        if (agreement == null) {
            state = "no KeyAgreement: start a bundle io.httun.crypto";
            loop.schedule(this::open, PAUSE, TimeUnit.MILLISECONDS);
            return;
        }
        opening = true;
        slot = identity.apply(agreement);
        OutsideAddresses.find(context, loop, found -> {
            keepOutside(found);
            if (closed) {
                opening = false;
            } else {
                attempt = InitAttempt.start(context, loop, slot, this);
            }
        });
    }

    private void keepOutside(Set<InetAddress> found) {
        if (closed || found.isEmpty() || found.equals(outside)) {
            return;
        }
        try {
            end.route(found);
            outside = found;
        } catch (HttunException e) {
            LOG.error("Client {}: its routes cannot be made: {}", name(), e.getMessage());
        }
    }

    @Override
    public void ready(InitAttempt.Ready ready) {
        attempt = null;
        PeerProtocol peer = ready.keys().peer();
        boolean unusable = !peer.parallel() && !peer.stock();
        if (closed || unusable) {
            ready.discard();
        }
        if (!closed && unusable) {
            // The server knows batches but no parallel requests: both ends have the stock wire.
            slot = PeerId.with(slot, PeerId.capabilities(slot), false);
            attempt = InitAttempt.start(context, loop, slot, this);
            return;
        }
        opening = false;
        if (closed) {
            return;
        }
        proven = false;
        state = "connected";
        url = ready.heads().url().toString();
        session = peer.parallel()
                ? new ParallelPackets(context, learner, loop, slot, ready, this)
                : new StockPackets(context, loop, ready, this);
        end.connected(true);
        session.start();
    }

    @Override
    public void refused(RefusedException refusal) {
        opening = false;
        attempt = null;
        context.counters().refused.increment();
        state = "unreachable: " + refusal.getMessage();
        if (!closed) {
            context.log()
                    .warn(
                            "init",
                            "Client: {}; next try in {} s",
                            refusal.getMessage(),
                            TimeUnit.MILLISECONDS.toSeconds(pause));
            openLater();
        }
    }

    private void openLater() {
        loop.schedule(this::open, pause, TimeUnit.MILLISECONDS);
        pause = Math.min(MAX_PAUSE, 2 * pause);
    }

    @Override
    public void lost(HttunException cause) {
        state = "lost: " + cause.getMessage();
        end.clear();
        if (!closed) {
            end.connected(false);
            unproven = proven ? null : cause;
            if (proven) {
                LOG.info("Client {}: the tunnel is lost and reconnects: {}", name(), cause.getMessage());
            } else {
                warnOfRefusal(cause);
            }
        }
    }

    /** Rarely: this repeats until the configuration of one end is changed. */
    private void warnOfRefusal(HttunException cause) {
        long now = System.nanoTime();
        if (now - lastLogged >= LOG_NANOS) {
            lastLogged = now;
            LOG.warn("Client {}: the server accepts a session and then ends it: {}", name(), cause.getMessage());
        }
    }

    @Override
    public void ended() {
        session = null;
        if (closed) {
            return;
        }
        if (unproven == null) {
            open();
        } else {
            state = "refused: " + unproven.getMessage();
            openLater();
        }
    }

    // ---- packets ----

    @Override
    public FrameSource outgoing() {
        return end;
    }

    @Override
    public void patience(long nanos) {
        end.patience(nanos);
    }

    @Override
    public void arrived(ByteBuf packet) {
        end.arrived(packet);
    }

    @Override
    public void answered(Runnable next) {
        if (!proven) {
            proven = true;
            pause = PAUSE;
            learner.recovered();
            LOG.info("Client {}: the tunnel of {} is up", name(), url);
        }
        end.answered(next);
    }

    // ---- status and end ----

    private String name() {
        return context.settings().name();
    }

    String state() {
        return state;
    }

    Optional<PacketCarrier> session() {
        return Optional.ofNullable(session);
    }

    boolean closeSession(String id) {
        PacketCarrier now = session;
        if (now == null || !now.id().equals(id)) {
            return false;
        }
        loop.execute(() -> now.lose(new HttunException("the session was closed by the administrator")));
        return true;
    }

    /** Gives the device back immediately; the session ends soon after, see {@link #isIdle}. */
    void close() {
        closed = true;
        learner.close();
        state = "stopped";
        end.detach();
        loop.execute(() -> {
            if (attempt != null) {
                attempt.cancel();
                attempt = null;
            }
            opening = false;
            if (session != null) {
                session.stop(new HttunException("tunnel " + name() + " has stopped"));
            }
            end.close();
        });
    }

    boolean isIdle() {
        return session == null && !opening;
    }
}
