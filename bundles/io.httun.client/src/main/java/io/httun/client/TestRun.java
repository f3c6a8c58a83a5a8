// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.api.target.RefusedException;
import io.httun.api.tunnel.ChannelTester.Progress;
import io.httun.protocol.FrameBody;
import io.httun.protocol.FrameSource;
import io.httun.protocol.Operation;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Promise;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The {@code test} mode on the stock wire: sends hex text; the server returns it after {@code Pong: }. Confined to an event loop. */
final class TestRun implements SessionTaker, SessionOwner, FrameSource {
    private static final byte[] PONG = "Pong: ".getBytes(StandardCharsets.US_ASCII);
    private static final int RANDOM_BYTES = 16 * 1024;

    private final EventLoop loop;
    private final Duration period;
    private final long count;
    private final Consumer<Progress> progress;
    private final Promise<Void> promise;
    private ClientSession session;
    private byte[] ping;
    private boolean unsent;
    private long exchanges;
    private long bytesOut;
    private long bytesIn;
    private long began;
    private long sent;

    TestRun(EventLoop loop, Duration period, long count, Consumer<Progress> progress, Promise<Void> promise) {
        this.loop = loop;
        this.period = period;
        this.count = count;
        this.progress = progress;
        this.promise = promise;
    }

    @Override
    public boolean isCancelled() {
        return promise.isDone();
    }

    @Override
    public void ready(ClientSession taken) {
        session = taken;
        session.owner(this);
        promise.addListener(done -> session.finish());
        began = System.nanoTime();
        next();
    }

    @Override
    public void refused(RefusedException refusal) {
        promise.tryFailure(refusal);
    }

    private void next() {
        if (promise.isDone()) {
            return;
        }
        if (exchanges == count) {
            promise.trySuccess(null);
            return;
        }
        byte[] random = new byte[RANDOM_BYTES];
        ThreadLocalRandom.current().nextBytes(random);
        ping = HexFormat.of().formatHex(random).getBytes(StandardCharsets.US_ASCII);
        sent = System.nanoTime();
        session.counters().sent(ping.length);
        unsent = true;
        session.send(Operation.TEST_TO_SERVER, this);
    }

    @Override
    public int waiting() {
        return unsent ? FrameBody.OVERHEAD + ping.length : -1;
    }

    @Override
    public boolean fill(ByteBuf frame) {
        if (unsent && FrameBody.room(frame) >= ping.length) {
            frame.writeBytes(ping);
            unsent = false;
            return true;
        }
        return false;
    }

    @Override
    public void acknowledged() {
        session.ask(Operation.TEST_FROM_SERVER);
    }

    @Override
    public void answered(boolean empty) {
        if (empty) {
            session.ask(Operation.TEST_FROM_SERVER);
        }
    }

    @Override
    public void received(ByteBuf payload) {
        byte[] pong = new byte[payload.readableBytes()];
        payload.readBytes(pong).release();
        session.counters().received(pong.length);
        boolean right = pong.length == PONG.length + ping.length
                && Arrays.equals(pong, 0, PONG.length, PONG, 0, PONG.length)
                && Arrays.equals(pong, PONG.length, pong.length, ping, 0, ping.length);
        if (!right) {
            session.lose(new HttunException("got a test answer of " + pong.length + " bytes, expected 'Pong: ' and the "
                    + ping.length + " bytes that were sent"));
            return;
        }
        exchanges++;
        bytesOut += ping.length;
        bytesIn += pong.length;
        long now = System.nanoTime();
        progress.accept(new Progress(
                exchanges, Duration.ofNanos(now - sent), bytesOut, bytesIn, Duration.ofNanos(now - began)));
        if (period.isZero()) {
            next();
        } else {
            loop.schedule(this::next, period.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public void lost(HttunException cause) {
        promise.tryFailure(cause);
    }
}
