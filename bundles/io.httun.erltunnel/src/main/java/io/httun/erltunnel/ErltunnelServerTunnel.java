// SPDX-License-Identifier: Apache-2.0
package io.httun.erltunnel;

import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.toolkit.carried.Carriage;
import io.httun.toolkit.carried.CarriedChannel;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.math.BigInteger;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;

/** One tunnel at the server, known by its id. On one event loop. */
final class ErltunnelServerTunnel implements Carriage {
    /** A client whose application does not read sends nothing, but it keeps its connection. */
    static final long CONNECTED = 10;

    private final BigInteger id;
    private final EventLoop loop;
    private final CarriedChannel channel;
    private final int idleSeconds;
    private final Future<?> check;
    /** Waits for an answer; the next message waits behind it on its connection. */
    private ServerLink waiting;
    /** Where the last answer went. */
    private ServerLink answered;

    private Future<?> hold;
    private boolean aborted;
    private boolean opened;
    private long lastMessage = System.nanoTime();

    ErltunnelServerTunnel(BigInteger id, EventLoop loop, SocketAddress remote, int idleSeconds) {
        this.id = id;
        this.loop = loop;
        this.idleSeconds = idleSeconds;
        this.channel = new CarriedChannel(CarriedChannel.Side.SERVER, remote, this);
        loop.register(channel);
        this.check = loop.scheduleAtFixedRate(this::checkIdle, 1, 1, TimeUnit.SECONDS);
    }

    BigInteger id() {
        return id;
    }

    CarriedChannel channel() {
        return channel;
    }

    void opened(ServerLink link) {
        opened = true;
        answered = link;
        lastMessage = System.nanoTime();
    }

    /**
     * A data message: takes its bytes and answers when the target has some, or has had time to.
     *
     * @param bytes remain the caller's
     */
    void data(ServerLink link, ByteBuf bytes) {
        lastMessage = System.nanoTime();
        if (waiting != null) {
            // The client gave up its connection; what it waited for there it will not read.
            waiting.drop();
        }
        waiting = link;
        int length = bytes.readableBytes();
        channel.offer(bytes.retainedSlice());
        channel.offerComplete();
        channel.kick();
        if (waiting == link) {
            hold(length >= Polls.BULK ? 0 : Polls.HOLD_MILLIS);
        }
    }

    private void hold(long millis) {
        if (hold != null) {
            hold.cancel(false);
        }
        if (millis == 0 && !channel.isFull()) {
            answerNothing();
        } else {
            hold = loop.schedule(this::expire, millis, TimeUnit.MILLISECONDS);
        }
    }

    private void expire() {
        // A target that does not read holds the client back, for as long as the client bears it.
        boolean bears = System.nanoTime() - lastMessage < Polls.LONGEST_HOLD_NANOS || !channel.hasReserve();
        if (waiting != null && channel.isFull() && channel.isOpen() && bears) {
            hold(Polls.HOLD_MILLIS);
        } else {
            answerNothing();
        }
    }

    private void answerNothing() {
        if (waiting != null) {
            ByteBuf out = Terms.data(waiting.alloc(), id, 0);
            answer(out, false);
        }
    }

    @Override
    public long unsent() {
        return answered == null ? 0 : answered.unsent();
    }

    private void answer(ByteBuf out, boolean last) {
        ServerLink link = waiting;
        answered = link;
        waiting = null;
        lastMessage = System.nanoTime();
        link.answer(out, last);
    }

    /** The client closes it. */
    void close(ServerLink link) {
        channel.peerEnded();
        channel.dropTail();
        link.answer(Terms.close(link.alloc(), id), true);
    }

    void gone(ServerLink link) {
        if (waiting == link) {
            waiting = null;
        }
    }

    @Override
    public void outputReady() {
        if (waiting == null) {
            return;
        }
        if (channel.hasOutput()) {
            ByteBuf out = Terms.data(waiting.alloc(), id, Polls.MAX_DATA);
            int start = out.writerIndex();
            channel.take(Polls.MAX_DATA, bytes -> {
                out.writeBytes(bytes);
                bytes.release();
            });
            if (out.writerIndex() > start) {
                Terms.setLength(out, start);
                answer(out, false);
                return;
            }
            out.release();
        }
        if (channel.isDrained()) {
            if (aborted) {
                ServerLink link = waiting;
                waiting = null;
                link.drop();
            } else {
                answer(Terms.close(waiting.alloc(), id), true);
            }
        }
    }

    @Override
    public void inputWanted() {
        // The answer goes out when its time comes.
    }

    @Override
    public void closed(boolean abort) {
        aborted = abort;
        check.cancel(false);
    }

    boolean isAborted() {
        return aborted;
    }

    private void checkIdle() {
        long seconds = answered != null && answered.isOpen() ? idleSeconds * CONNECTED : idleSeconds;
        if (opened && waiting == null && System.nanoTime() - lastMessage > TimeUnit.SECONDS.toNanos(seconds)) {
            channel.fail(new RefusedException(Cause.TIMED_OUT, "no message came for " + seconds + " s"));
        }
    }
}
