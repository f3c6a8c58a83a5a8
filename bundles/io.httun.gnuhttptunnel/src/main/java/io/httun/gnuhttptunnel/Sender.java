// SPDX-License-Identifier: Apache-2.0
package io.httun.gnuhttptunnel;

import io.httun.toolkit.carried.CarriedChannel;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.socket.DuplexChannel;
import java.util.concurrent.TimeUnit;

/**
 * One direction's bodies, one after the other, on the connection of the moment. Both ends of the protocol send alike; they differ in who
 * opens the next connection.
 */
final class Sender {
    private static final int CHUNK = 128 << 10;
    private static final long KEEP_ALIVE_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final int CONTROL = 16;

    private final CarriedChannel channel;
    private final long bodyLength;
    private final boolean endsOutput;
    private Channel link;
    private FrameWriter body;
    private long lastSent = System.nanoTime();

    /**
     * @param endsOutput whether a connection's output ends with its body, as stock programs do it; a proxy may take that for a client
     *     that has gone, and drop what it has not passed on
     */
    Sender(CarriedChannel channel, long bodyLength, boolean endsOutput) {
        this.channel = channel;
        this.bodyLength = bodyLength;
        this.endsOutput = endsOutput;
    }

    /** Goes on with a new body there. */
    void attach(Channel next) {
        link = next;
        body = new FrameWriter(bodyLength);
    }

    boolean isAttached() {
        return body != null;
    }

    Channel link() {
        return link;
    }

    void open() {
        ByteBuf out = link.alloc().buffer(CONTROL);
        body.open(out);
        send(out);
    }

    /** Sends what the channel has while the connection takes it. Whether the body is full now, and another one is needed. */
    boolean pump() {
        while (body != null && link.isWritable()) {
            ByteBuf out = link.alloc().buffer(CHUNK);
            body.data(channel, out);
            if (!out.isReadable() || body == null) {
                // The callback that the bytes are taken may end the tunnel.
                out.release();
                return false;
            }
            send(out);
            if (body.isEnded()) {
                body = null;
                return true;
            }
        }
        return false;
    }

    /** Sends a byte if none has gone for five seconds. Whether the body is full now. */
    boolean keepAlive() {
        if (body == null || System.nanoTime() - lastSent < KEEP_ALIVE_NANOS) {
            return false;
        }
        ByteBuf out = link.alloc().buffer(CONTROL);
        body.padding(out);
        send(out);
        boolean full = body.isEnded();
        if (full) {
            body = null;
        }
        return full;
    }

    /** Whether it is time for a keep-alive that has no body to go in. */
    boolean isSilent() {
        return body == null && System.nanoTime() - lastSent >= KEEP_ALIVE_NANOS;
    }

    /** Ends the tunnel in this direction; a body must be there. */
    ChannelFuture close(boolean aborted) {
        ByteBuf out = link.alloc().buffer(CONTROL);
        body.close(out, aborted);
        body = null;
        ChannelFuture sent = link.writeAndFlush(out);
        endOutput(link, sent);
        return sent;
    }

    private void send(ByteBuf out) {
        lastSent = System.nanoTime();
        Channel to = link;
        ChannelFuture sent = to.writeAndFlush(out);
        if (body.isEnded()) {
            endOutput(to, sent);
        }
    }

    private void endOutput(Channel link, ChannelFuture sent) {
        sent.addListener(done -> {
            if (!endsOutput) {
                return;
            }
            if (link instanceof DuplexChannel duplex) {
                duplex.shutdownOutput();
            } else {
                link.close();
            }
        });
    }
}
