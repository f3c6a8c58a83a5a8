// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.target.Target;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** The persistent connection to the target of a client's last request. On the client's event loop. */
final class KeptTarget {
    /**
     * A request that cannot be repeated reuses a connection only for this long after the last reply. This is well
     * below the 5 s after which Apache closes an idle connection: the request must not cross with the close (RFC 9112
     * section 9.3.1).
     */
    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** A target whose output side failed has replied after this time, or never will. */
    private static final int LAST_REPLY_SECONDS = 5;

    private final Channel channel;
    private final Target target;
    private final String user;
    private final TargetReplyReader reader = new TargetReplyReader();
    private final TargetReplies replies;
    private Future<?> lastReply;
    private boolean keep;
    private long usedNanos;

    /**
     * @param user for whom the filters allowed the target
     * @param idleMillis 0 = no limit
     */
    KeptTarget(Channel channel, Target target, String user, TargetReplies replies, long idleMillis) {
        this.channel = channel;
        this.target = target;
        this.user = user;
        this.replies = replies;
        // A failed write must not discard an early reply that is still unread.
        channel.config().setAutoClose(false);
        if (idleMillis > 0) {
            channel.pipeline().addLast(new IdleStateHandler(true, 0, 0, idleMillis, TimeUnit.MILLISECONDS));
        }
        channel.pipeline().addLast(reader, new HttpCodecs.RequestWriter(), replies);
    }

    /** Whether the next request may reuse this connection. */
    boolean serves(Target wanted, String whose, boolean repeatable) {
        boolean fresh = repeatable || now() - usedNanos < FRESH_NANOS;
        return channel.isActive() && fresh && wanted.equals(target) && whose.equals(user);
    }

    private long now() {
        return channel.eventLoop().ticker().nanoTime();
    }

    void send(HttpRequest request) {
        reader.expect(request.method());
        channel.write(request);
    }

    /** Takes ownership. A failure appears as the end of the input. */
    void send(HttpContent content) {
        channel.write(content);
    }

    void flush() {
        channel.flush();
    }

    boolean isBroken() {
        return channel instanceof DuplexChannel duplex && duplex.isOutputShutdown();
    }

    /** Whether to read the client: the body for a broken target is discarded. */
    boolean takesMore() {
        return channel.isWritable() || isBroken();
    }

    void read(boolean on) {
        channel.config().setAutoRead(on);
    }

    /** Whether one of the two sides does not take what the other has for it. */
    boolean isHeldBack() {
        return !channel.config().isAutoRead() || !takesMore();
    }

    /** Records whether the reply allows another request on the connection. */
    void replied(boolean reusable) {
        keep = reusable && !reader.isOdd();
        usedNanos = now();
    }

    /** Called when the reply is complete; returns whether the connection persists. */
    boolean isKept() {
        usedNanos = now();
        return keep;
    }

    /** Runs {@code late} if the target sends no reply soon after its output was broken. */
    void awaitLastReply(Runnable late) {
        lastReply = channel.eventLoop().schedule(late, LAST_REPLY_SECONDS, TimeUnit.SECONDS);
    }

    /** Ignores further replies. */
    private void detach() {
        replies.detach();
        if (lastReply != null) {
            lastReply.cancel(false);
            lastReply = null;
        }
    }

    void close() {
        detach();
        channel.close();
    }

    /** Closes after all earlier writes. */
    void closeInOrder() {
        detach();
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(sent -> channel.close());
    }

    /**
     * Removes the HTTP codec for another protocol; {@code join} runs before the codec passes on its remaining bytes.
     */
    void becomeBytes(Runnable join) {
        detach();
        channel.pipeline().remove(HttpCodecs.RequestWriter.class);
        join.run();
        channel.pipeline().remove(TargetReplies.class);
        if (channel.pipeline().get(IdleStateHandler.class) != null) {
            channel.pipeline().remove(IdleStateHandler.class);
        }
        channel.pipeline().remove(reader);
    }
}
