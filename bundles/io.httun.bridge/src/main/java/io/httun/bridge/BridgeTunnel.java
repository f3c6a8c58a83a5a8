// SPDX-License-Identifier: Apache-2.0
package io.httun.bridge;

import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.tunnel.TunnelReply;
import io.httun.toolkit.carried.Carriage;
import io.httun.toolkit.carried.CarriedChannel;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.local.LocalAddress;
import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** One connection at the server. On its event loop, but for the completion of what it answers. */
final class BridgeTunnel implements Carriage, TunnelReply.Delivery {
    /** As much as a stock server answers at once. */
    static final int MAX_GET = 640 << 10;

    private static final int PIECE = 64 << 10;
    private static final TunnelReply OK = TunnelReply.bare(200, List.of(TunnelReply.NO_STORE));
    private static final TunnelReply NOTHING = TunnelReply.bare(204, List.of(TunnelReply.NO_STORE));
    private static final TunnelReply GONE = TunnelReply.bare(410, List.of(TunnelReply.NO_STORE));
    private static final TunnelReply CONFLICT = TunnelReply.bare(409, List.of(TunnelReply.NO_STORE));

    private final EventLoop loop;
    private final CarriedChannel channel;
    private final long idleNanos;
    private final int waitSeconds;
    private final Future<?> check;
    private CompletableFuture<TunnelReply> get;
    private CompletableFuture<TunnelReply> put;
    private Future<?> getLimit;
    private Future<?> putLimit;
    private boolean aborted;
    /** Whether the endpoint, which has a limit of its own for that, writes an answer with bytes. */
    private volatile boolean delivering;

    private long lastRequest = System.nanoTime();

    BridgeTunnel(BridgeSettings settings, EventLoop loop) {
        this.loop = loop;
        this.idleNanos = TimeUnit.SECONDS.toNanos(settings.idleSeconds());
        this.waitSeconds = settings.waitSeconds();
        this.channel = new CarriedChannel(CarriedChannel.Side.SERVER, LocalAddress.ANY, this);
        long period = Math.max(1, settings.idleSeconds() / 4);
        this.check = loop.scheduleAtFixedRate(this::checkIdle, period, period, TimeUnit.SECONDS);
    }

    CarriedChannel channel() {
        return channel;
    }

    EventLoop loop() {
        return loop;
    }

    // Requests

    /** @param body ownership passes */
    void put(ByteBuf body, CompletableFuture<TunnelReply> reply) {
        lastRequest = System.nanoTime();
        if (put != null) {
            // Two at once have no order.
            body.release();
            reply.complete(CONFLICT);
            return;
        }
        if (!channel.isOpen()) {
            body.release();
            reply.complete(ended());
            return;
        }
        channel.offer(body);
        put = reply;
        channel.offerComplete();
        // A body that waits for the target holds its answer back, and with it the next one; but endpoints and clients
        // give up in the end.
        if (!channel.isFull()) {
            answerPut(OK);
        } else if (put == reply) {
            putLimit = loop.schedule(() -> expirePut(reply), waitSeconds, TimeUnit.SECONDS);
        }
    }

    private void expirePut(CompletableFuture<TunnelReply> reply) {
        if (put == reply && channel.hasReserve()) {
            answerPut(OK);
        }
    }

    private void answerPut(TunnelReply answer) {
        if (put != null) {
            CompletableFuture<TunnelReply> waiting = put;
            put = null;
            if (putLimit != null) {
                putLimit.cancel(false);
                putLimit = null;
            }
            waiting.complete(answer);
        }
    }

    void get(CompletableFuture<TunnelReply> reply) {
        lastRequest = System.nanoTime();
        answerGet(NOTHING);
        get = reply;
        channel.kick();
        if (get == reply) {
            getLimit = loop.schedule(() -> expire(reply), waitSeconds, TimeUnit.SECONDS);
        }
    }

    private void expire(CompletableFuture<TunnelReply> reply) {
        if (get == reply) {
            answerGet(NOTHING);
        }
    }

    private void answerGet(TunnelReply answer) {
        if (get == null) {
            return;
        }
        CompletableFuture<TunnelReply> waiting = get;
        get = null;
        if (getLimit != null) {
            getLimit.cancel(false);
            getLimit = null;
        }
        lastRequest = System.nanoTime();
        if (!waiting.complete(answer) && answer.body().isReadable()) {
            answer.body().release();
            answer.delivery().failed();
        }
    }

    // The channel's carriage

    @Override
    public void outputReady() {
        if (get == null || get.isDone()) {
            get = null;
            return;
        }
        if (channel.hasOutput()) {
            ByteBuf body = PooledByteBufAllocator.DEFAULT.heapBuffer(PIECE, MAX_GET);
            channel.take(MAX_GET, bytes -> {
                body.writeBytes(bytes);
                bytes.release();
            });
            if (body.isReadable()) {
                delivering = true;
                answerGet(new TunnelReply(200, List.of(TunnelReply.NO_STORE), body, this));
                return;
            }
            body.release();
        }
        if (channel.isDrained()) {
            answerGet(ended());
        }
    }

    /** A stock client takes either for the end; ours tells what is complete from what is not. */
    private TunnelReply ended() {
        return aborted ? TunnelReply.refused() : GONE;
    }

    @Override
    public void inputWanted() {
        answerPut(OK);
    }

    @Override
    public void closed(boolean abort) {
        aborted = abort;
        check.cancel(false);
        answerPut(ended());
    }

    @Override
    public void written() {
        // The client asks for the rest.
        delivering = false;
    }

    /** How much of the answer arrived is unknown, so the connection cannot continue. */
    @Override
    public void failed() {
        delivering = false;
        loop.execute(() -> fail("an answer could not be written whole"));
    }

    @Override
    public long unsent() {
        return delivering ? System.nanoTime() : 0;
    }

    private void checkIdle() {
        boolean waits = delivering || get != null && !get.isDone() || put != null && !put.isDone();
        if (!waits && System.nanoTime() - lastRequest > idleNanos) {
            fail("no request came for " + TimeUnit.NANOSECONDS.toSeconds(idleNanos) + " s");
        }
    }

    private void fail(String why) {
        aborted = true;
        channel.fail(new RefusedException(Cause.FAILED, why));
        channel.dropTail();
    }

    /** The client has closed it: what it sent still goes to the target. */
    void delete() {
        channel.peerEnded();
        channel.dropTail();
    }
}
