// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.api.crypto.KeyAgreement;
import io.httun.api.target.RefusedException;
import io.httun.api.tun.PacketBatch;
import io.httun.api.tun.PacketReceiver;
import io.httun.api.tun.TunDevice;
import io.httun.api.tun.TunDrop;
import io.httun.api.tun.TunPort;
import io.httun.api.tunnel.FileWatch;
import io.httun.protocol.FrameSource;
import io.httun.protocol.PacketQueue;
import io.httun.protocol.PeerId;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries IP packets between a TUN device and the server, in one session after the other under one UUID, until it is closed.
 * Confined to an event loop, but for what comes from the device.
 */
final class TunLink implements PacketCarrier.User, FrameSource, PacketReceiver, InitAttempt.Then {
    private static final Logger LOG = LoggerFactory.getLogger(TunLink.class);
    private static final int MOST_WAITING = 4 << 20;
    private static final int SMALL = 1500;
    private static final long PAUSE = 1000;
    private static final long MAX_PAUSE = 15_000;
    private static final long LOG_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final ClientContext context;
    private final Function<KeyAgreement, UUID> identity;
    private final PacketJudge judge;
    private final EventLoop loop;
    private final PacketQueue queue;
    private final AtomicBoolean woken = new AtomicBoolean();
    private final PacketBatch arrived = new PacketBatch(64);
    private final List<ByteBuf> payloads = new ArrayList<>();
    private volatile TunDevice device;
    private volatile TunPort port;
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
        this.judge = judge;
        this.loop = context.surroundings().loops().group().next();
        this.queue = new PacketQueue(
                PooledByteBufAllocator.DEFAULT,
                System::nanoTime,
                () -> MOST_WAITING,
                dropped -> drop(TunDrop.QUEUE, dropped));
    }

    /** Takes the device and connects. */
    void start(TunDevice with) {
        device = with;
        try {
            port = with.attach("client " + name(), this);
        } catch (HttunException e) {
            state = "no device: " + e.getMessage();
            LOG.error("Client {}: {}", name(), e.getMessage());
            return;
        }
        port.connected(false);
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
            port.route(found);
            outside = found;
        } catch (HttunException e) {
            LOG.error("Client {}: its routes are not made: {}", name(), e.getMessage());
        }
    }

    @Override
    public void ready(InitAttempt.Ready ready) {
        attempt = null;
        PeerProtocol peer = ready.keys().peer();
        if (closed || !peer.parallel() && !peer.stock()) {
            ready.link().close();
            ready.keys().destroy();
        }
        if (!closed && !peer.parallel() && !peer.stock()) {
            // It knows batches and no parallel requests: the stock wire is what both have.
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
        session = ready.keys().peer().parallel()
                ? new ParallelPackets(context, loop, slot, ready, this)
                : new StockPackets(context, loop, ready, this);
        port.connected(true);
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
        releaseArrived();
        queue.clear();
        if (!closed) {
            port.connected(false);
            unproven = proven ? null : cause;
            if (proven) {
                LOG.info("Client {}: the tunnel is lost and made anew: {}", name(), cause.getMessage());
            } else {
                warnOfRefusal(cause);
            }
        }
    }

    /** It goes on until somebody changes the configuration of an end. */
    private void warnOfRefusal(HttunException cause) {
        long now = System.nanoTime();
        if (now - lastLogged >= LOG_NANOS) {
            lastLogged = now;
            LOG.warn("Client {}: the server lets a session begin and then ends it: {}", name(), cause.getMessage());
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

    // ---- to the server ----

    @Override
    public void received(PacketBatch batch) {
        TunPort from = port;
        if (session == null || from == null) {
            drop(TunDrop.NO_TUNNEL, batch.size());
            return;
        }
        for (int i = 0; i < batch.size(); i++) {
            byte[] packet = batch.array(i);
            int offset = batch.offset(i);
            int length = batch.length(i);
            if (judge.allows(packet, offset, length)) {
                queue.add(packet, offset, length);
            } else {
                from.drop(TunDrop.FILTERED, 1);
                judge.prohibited(packet, offset, length).ifPresent(error -> {
                    PacketBatch answer = new PacketBatch(1);
                    answer.add(error, 0, error.length);
                    from.write(answer);
                });
            }
        }
        wake();
    }

    @Override
    public Optional<FileWatch> watch(int fd, Runnable readable) {
        return context.surroundings().loops().watch(loop, fd, readable);
    }

    private void wake() {
        if (loop.inEventLoop()) {
            pump();
        } else if (woken.compareAndSet(false, true)) {
            loop.execute(this::pump);
        }
    }

    private void pump() {
        woken.set(false);
        PacketCarrier now = session;
        if (now != null) {
            now.pump();
        }
    }

    @Override
    public int waiting() {
        return queue.waiting();
    }

    @Override
    public boolean fill(ByteBuf frame) {
        int start = frame.writerIndex();
        boolean filled = queue.fill(frame);
        if (filled) {
            session.counters().sent(frame.writerIndex() - start);
        }
        return filled;
    }

    @Override
    public FrameSource outgoing() {
        return this;
    }

    @Override
    public void patience(long nanos) {
        queue.patience(nanos);
    }

    // ---- from the server ----

    @Override
    public void arrived(ByteBuf payload) {
        int length = payload.readableBytes();
        session.counters().received(length);
        payloads.add(payload);
        byte[] array = payload.array();
        int offset = payload.arrayOffset() + payload.readerIndex();
        int mtu = device.mtu();
        Optional<TunDrop> wrong = judge.judge(array, offset, length, mtu);
        if (wrong.isEmpty()) {
            arrived.add(array, offset, length);
            return;
        }
        drop(wrong.get(), 1);
        Optional<byte[]> told =
                switch (wrong.get()) {
                    case FILTERED -> judge.prohibited(array, offset, length);
                    case TOO_BIG -> judge.tooBig(array, offset, length, mtu);
                    default -> Optional.empty();
                };
        told.ifPresent(error -> {
            queue.add(error, 0, error.length);
            wake();
        });
    }

    @Override
    public void answered(Runnable next) {
        if (!proven) {
            proven = true;
            pause = PAUSE;
            LOG.info("Client {}: the tunnel of {} is up", name(), url);
        }
        // The next request goes out first, so that the server need not wait for the device; but somebody waits for a
        // lone small packet.
        boolean alone = arrived.size() == 1 && arrived.length(0) <= SMALL;
        if (alone) {
            deliver();
        }
        next.run();
        if (!alone) {
            deliver();
        }
    }

    private void deliver() {
        if (!arrived.isEmpty() && port != null) {
            port.write(arrived);
        }
        releaseArrived();
    }

    private void releaseArrived() {
        arrived.clear();
        payloads.forEach(ByteBuf::release);
        payloads.clear();
    }

    private void drop(TunDrop cause, int packets) {
        TunPort now = port;
        if (now != null) {
            now.drop(cause, packets);
        }
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

    /** Gives the device back at once and ends the session soon after; see {@link #isIdle}. */
    void close() {
        closed = true;
        state = "stopped";
        TunPort last = port;
        if (last != null) {
            last.close();
        }
        loop.execute(() -> {
            if (attempt != null) {
                attempt.cancel();
                attempt = null;
            }
            opening = false;
            if (session != null) {
                session.stop(new HttunException("tunnel " + name() + " has stopped"));
            }
            queue.close();
        });
    }

    boolean isIdle() {
        return session == null && !opening;
    }
}
