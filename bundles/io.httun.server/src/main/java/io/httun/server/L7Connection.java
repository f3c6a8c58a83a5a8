// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.status.StatusSource.ConnectionStatus;
import io.httun.api.target.RefusedException;
import io.httun.api.target.RequestContext;
import io.httun.api.target.Target;
import io.httun.api.tunnel.BulkSockets;
import io.httun.protocol.FrameBody;
import io.httun.protocol.FrameSource;
import io.httun.protocol.L7Container;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * A connection to a target, from the first container for it to its close. Bytes may be handed in before it is made.
 * The monitor guards the queues; the channel is used on its event loop only, and never with the monitor held.
 */
final class L7Connection extends ChannelInboundHandlerAdapter implements TargetDial.Then {
    /** Bytes for which a batch gets one more frame: fewer wait for the next one. */
    private static final int SMALL = 4096;

    private final Parts parts;
    private final ServerChannel origin;
    private final EventLoop loop;
    private final String id;
    private final InetAddress address;
    private final int port;
    private final long created = System.nanoTime();
    private final ClientBytes toTarget;
    private final TargetBytes fromTarget;
    private final TargetDial dial;
    private volatile Session owner;
    private volatile long lastBytes = created;

    // Guarded by this
    private long bytesToTarget;
    private long bytesFromTarget;
    private boolean flushing;
    private boolean clientClosed;
    private boolean ended;
    private boolean broken;
    private boolean gone;
    private boolean closeTold;
    private String cause = "";

    // Used on the loop only
    private Channel channel;
    private boolean outputShut;

    L7Connection(Parts parts, Session owner, String id, InetAddress address, int port) {
        this.parts = parts;
        this.owner = owner;
        this.origin = owner.channel();
        this.loop = owner.loop();
        this.id = id;
        this.address = address;
        this.port = port;
        this.toTarget = new ClientBytes(parts.queues());
        this.fromTarget = new TargetBytes(parts.queues());
        this.dial = new TargetDial(parts, origin, loop, this);
    }

    void start() {
        parts.connections().opened(this);
        RequestContext who = owner.who();
        onLoop(() -> dial.start(address, port, who));
    }

    ServerChannel origin() {
        return origin;
    }

    // ---- from the client ----

    boolean isFor(L7Container container) {
        return port == container.port() && address.equals(container.address());
    }

    synchronized boolean isClientClosed() {
        return clientClosed;
    }

    /** Whether more may be taken for the target; if not, the owner's write side hears of it when there is room. */
    synchronized boolean hasRoom() {
        return isDeaf() || toTarget.hasRoom();
    }

    /** Whether everything taken has been written, so that nothing is lost if another connection follows. */
    synchronized boolean isDrained() {
        return toTarget.isDrained();
    }

    /** Takes bytes for the target; drops them once nobody can want them. */
    void write(ByteBuf data) {
        boolean flush;
        synchronized (this) {
            if (isDeaf()) {
                data.release();
                return;
            }
            toTarget.add(data);
            bytesToTarget += data.readableBytes();
            flush = !flushing;
            flushing = true;
        }
        lastBytes = System.nanoTime();
        if (flush) {
            onLoop(this::flush);
        }
    }

    /** The client sends no more: the target hears of it behind all bytes. */
    void closeByClient() {
        boolean over;
        synchronized (this) {
            clientClosed = true;
            over = closeTold;
            note("closed by the client");
        }
        onLoop(over ? this::finish : this::flush);
    }

    /** Another connection takes this one's place; its bytes have been written. */
    void release() {
        synchronized (this) {
            clientClosed = true;
            closeTold = true;
            fromTarget.discard();
            note("replaced by a connection to another target");
        }
        onLoop(this::finish);
    }

    /** Ends at once, with a reset where the transport can. */
    void abort(String why) {
        synchronized (this) {
            closeTold = true;
            fromTarget.discard();
            note(why);
        }
        onLoop(() -> {
            end(why);
            if (channel != null) {
                BulkSockets.reset(channel);
            } else {
                dial.cancel();
            }
        });
    }

    /** Ends it on an operator's wish; the client is told as if the target had broken off. */
    void close(String why) {
        onLoop(() -> {
            broken(why);
            if (channel != null) {
                BulkSockets.reset(channel);
            } else {
                dial.cancel();
            }
        });
    }

    /** Moves to a session that goes on where the last one ended. */
    void handTo(Session next) {
        owner = next;
    }

    // ---- to the client ----

    /** Whether client and target have both closed and know it of one another. */
    synchronized boolean isOver() {
        return closeTold && clientClosed;
    }

    /** As {@link FrameSource#waiting}. */
    synchronized int waiting() {
        int bytes = fromTarget.readableBytes();
        if (bytes == 0 && (!ended || closeTold)) {
            return -1;
        }
        int frames = bytes / L7Container.MAX_DATA + 1;
        return bytes + frames * (FrameBody.OVERHEAD + L7Container.HEADER_LENGTH);
    }

    /** Moves the next container with bytes of the target, or its close, to a frame. */
    boolean fill(ByteBuf frame) {
        boolean resume;
        boolean close = false;
        int room = FrameBody.room(frame) - L7Container.HEADER_LENGTH;
        synchronized (this) {
            int available = Math.min(fromTarget.readableBytes(), L7Container.MAX_DATA);
            if (available == 0 ? !ended || closeTold || room < 0 : room < Math.min(available, SMALL)) {
                return false;
            }
            if (available == 0) {
                closeTold = true;
                close = isDeaf() || clientClosed;
            }
            // A stock client knows no reset.
            boolean reset = available == 0 && broken && owner.isOurs();
            L7Container.writeHeader(frame, address, reset ? L7Container.RESET_PORT : port);
            resume = fromTarget.take(frame, Math.min(available, room));
        }
        if (close) {
            onLoop(this::finish);
        } else if (resume) {
            onLoop(this::resumeReading);
        }
        return true;
    }

    // ---- on the event loop ----

    @Override
    public void connected(Channel made) {
        if (isGone()) {
            BulkSockets.reset(made);
            return;
        }
        channel = made;
        made.pipeline().addLast(this);
        if (!made.isActive()) {
            end("closed by the target");
            return;
        }
        made.config().setAutoRead(true);
        flush();
    }

    @Override
    public void refused(Throwable why) {
        String text = why instanceof RefusedException refused
                ? refused.refusal() + ": " + refused.getMessage()
                : "FAILED: " + why;
        if (!isGone()) {
            parts.refusals().count(Refusals.Cause.TARGET, "channel " + origin.name() + ", " + target() + ": " + text);
        }
        broken(text);
    }

    private void flush() {
        if (channel == null) {
            synchronized (this) {
                flushing = false;
            }
            return;
        }
        List<ByteBuf> batch;
        synchronized (this) {
            flushing = false;
            batch = toTarget.takeAll();
        }
        for (ByteBuf data : batch) {
            int length = data.readableBytes();
            channel.write(data).addListener(done -> written(length, done.cause()));
        }
        channel.flush();
        shutOutputWhenDrained();
    }

    private void written(int length, Throwable failure) {
        boolean wanted;
        synchronized (this) {
            wanted = toTarget.written(length);
        }
        lastBytes = System.nanoTime();
        if (failure != null) {
            brokenBy(failure);
            return;
        }
        shutOutputWhenDrained();
        if (wanted) {
            owner.writes().pump();
        }
    }

    private void shutOutputWhenDrained() {
        boolean shut;
        synchronized (this) {
            // Netty fails what is still queued when the output is shut, so it has to be empty.
            shut = clientClosed && !toTarget.isPending() && !outputShut && !gone;
        }
        if (shut && channel instanceof DuplexChannel duplex) {
            outputShut = true;
            duplex.shutdownOutput().addListener(done -> {
                if (!done.isSuccess() && duplex.isActive()) {
                    brokenBy(done.cause());
                }
            });
        }
    }

    private void resumeReading() {
        if (channel != null) {
            channel.config().setAutoRead(true);
        }
    }

    /** Client and server are done with it: what was taken is still written. */
    private void finish() {
        if (channel == null) {
            end("closed");
            return;
        }
        flush();
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf data = (ByteBuf) message;
        lastBytes = System.nanoTime();
        boolean pause;
        boolean full;
        synchronized (this) {
            if (closeTold) {
                data.release();
                return;
            }
            bytesFromTarget += data.readableBytes();
            pause = fromTarget.add(data, context.alloc());
            full = fromTarget.readableBytes() >= L7Container.MAX_DATA;
        }
        if (pause) {
            context.channel().config().setAutoRead(false);
        }
        if (full) {
            owner.reads().pump();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        owner.reads().pump();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            synchronized (this) {
                ended = true;
                note("closed by the target");
            }
            owner.reads().pump();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        boolean complete;
        synchronized (this) {
            complete = ended;
        }
        if (complete) {
            end("closed by the target");
        } else {
            // A socket that ends says so first; this one was closed under us, and more might have come.
            broken("closed");
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
        brokenBy(failure);
    }

    private void brokenBy(Throwable failure) {
        if (!isGone()) {
            parts.refusals()
                    .count(
                            Refusals.Cause.TARGET,
                            "channel " + origin.name() + ", " + target() + ": broken by " + failure);
        }
        broken("broken: " + failure.getMessage());
        if (channel != null) {
            channel.close();
        }
    }

    /**
     * Whether bytes for the target are of no use any more. One of our clients may go on sending when the target has ended its
     * output; to a stock one the close means both directions.
     */
    private boolean isDeaf() {
        return gone || closeTold && !owner.isOurs();
    }

    private synchronized boolean isGone() {
        return gone;
    }

    /** As {@link #end}; the client must not take what came for everything. */
    private void broken(String why) {
        synchronized (this) {
            broken |= !gone;
        }
        end(why);
    }

    /** Nothing more goes to the target or comes from it; what came is still for the client. */
    private void end(String why) {
        boolean wanted;
        synchronized (this) {
            if (gone) {
                return;
            }
            gone = true;
            ended = true;
            note(why);
            wanted = toTarget.discard();
            if (closeTold) {
                fromTarget.discard();
            }
        }
        parts.connections().closed(this);
        owner.reads().pump();
        if (wanted) {
            owner.writes().pump();
        }
    }

    /** Closes the connection if nothing has happened on it for too long. Any thread. */
    void closeIfIdle(long now) {
        long idle = origin.settings().idle().toNanos();
        boolean asked = owner.reads().isAsked() || now - owner.lastUsed() < idle;
        boolean waitedFor;
        synchronized (this) {
            waitedFor = asked && !clientClosed && !closeTold;
        }
        if (now - lastBytes >= idle && !waitedFor) {
            onLoop(() -> {
                if (isGone() || channel == null) {
                    return;
                }
                synchronized (this) {
                    note("idle for " + origin.settings().idle().toSeconds() + " s");
                }
                channel.close();
            });
        }
    }

    private void note(String why) {
        if (cause.isEmpty()) {
            cause = why;
        }
    }

    private String target() {
        return Target.of(address, port).toString();
    }

    synchronized ConnectionStatus status() {
        String state = gone ? "closed" : closeTold || clientClosed ? "closing" : "open";
        return new ConnectionStatus(
                id,
                origin.name(),
                target(),
                state,
                TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - created),
                bytesToTarget,
                bytesFromTarget,
                gone ? cause : "");
    }

    private void onLoop(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            // The loops have been shut down, and with them every channel.
            parts.connections().closed(this);
        }
    }
}
