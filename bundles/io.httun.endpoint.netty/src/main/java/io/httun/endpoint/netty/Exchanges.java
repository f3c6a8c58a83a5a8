// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import io.httun.api.tunnel.TunnelReply;
import io.httun.toolkit.carried.Carriage;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;

/** The requests of an HTTP/1.x connection that await their answers, which are written in their order. On its loop. */
final class Exchanges {
    private static final int MAX_PENDING = 16;

    /** Encrypted and sent in pieces, so that the client decrypts one while the next is in transit. */
    private static final int PIECE = 256 << 10;

    private final ChannelHandlerContext context;
    private final ReplyEncoder encoder;
    private final boolean tls;
    private final BiConsumer<Exchange, ChannelFuture> written;
    private final ArrayDeque<Exchange> pending = new ArrayDeque<>(2);
    /** Whose first bytes are written and whose rest is awaited; null for none. */
    private Exchange partial;

    private int unwritten;
    private long queued;

    /** @param written called when a reply has been, or could not be */
    Exchanges(ChannelHandlerContext context, List<String> extraHeaders, BiConsumer<Exchange, ChannelFuture> written) {
        this.context = context;
        this.encoder = new ReplyEncoder(extraHeaders);
        this.tls = context.pipeline().get(SslHandler.class) != null;
        this.written = written;
    }

    void add(Exchange exchange) {
        pending.add(exchange);
    }

    /** Makes the newest one the last on this connection. */
    void endWithNewest() {
        pending.add(pending.removeLast().closing());
    }

    /** Whether none awaits an answer. */
    boolean isEmpty() {
        return pending.isEmpty();
    }

    boolean isFull() {
        return pending.size() >= MAX_PENDING || !context.channel().isWritable();
    }

    boolean isTls() {
        return tls;
    }

    /** How many bytes of answers the socket has taken; with TLS roughly. */
    long sent() {
        return queued - Carriage.unsentOn(context.channel());
    }

    /** Whether there are answers that the socket has not taken yet. */
    boolean isWriting() {
        return unwritten > 0;
    }

    /** Writes, without a flush, what is answered and not behind one that is not. */
    void write() {
        for (Exchange next = pending.peek();
                partial == null && next != null && next.reply() != null;
                next = pending.peek()) {
            pending.remove();
            write(next);
        }
    }

    private void write(Exchange exchange) {
        TunnelReply reply = exchange.reply();
        if (reply.rest().isPresent()) {
            writeFirst(exchange, reply, reply.rest().get());
            return;
        }
        ByteBuf content = reply.body();
        int length = exchange.isHeadOnly() ? 0 : content.readableBytes();
        // TLS works on arrays, so the body stays in its own; a socket takes both best in one piece.
        boolean apart = tls && length > 0;
        ByteBuf bytes = encoder.head(context.alloc(), reply, exchange.connection(), apart ? 0 : length);
        unwritten++;
        queued += bytes.readableBytes() + length;
        ChannelFuture writing;
        if (apart) {
            context.write(bytes, context.voidPromise());
            while (content.readableBytes() > PIECE) {
                context.writeAndFlush(content.readRetainedSlice(PIECE), context.voidPromise());
            }
            writing = context.write(content);
        } else {
            bytes.writeBytes(content, content.readerIndex(), length);
            content.release();
            writing = context.write(bytes);
        }
        whenWritten(exchange, reply, writing);
    }

    private void whenWritten(Exchange exchange, TunnelReply reply, ChannelFuture writing) {
        writing.addListener((ChannelFutureListener) end -> {
            unwritten--;
            Waiting.report(reply, end);
            written.accept(exchange, end);
        });
    }

    private void writeFirst(Exchange exchange, TunnelReply reply, TunnelReply.Rest rest) {
        partial = exchange;
        unwritten++;
        queued += reply.length();
        context.write(encoder.head(context.alloc(), reply, exchange.connection(), 0), context.voidPromise());
        context.writeAndFlush(reply.body(), context.voidPromise());
        rest.bytes().whenComplete((bytes, failure) -> {
            try {
                context.executor().execute(() -> writeRest(exchange, bytes));
            } catch (RejectedExecutionException e) {
                // The loops have ended, and every connection with them.
                ReferenceCountUtil.release(bytes);
            }
        });
    }

    /** @param bytes null if there are none: then only a cut connection tells the client */
    private void writeRest(Exchange exchange, ByteBuf bytes) {
        if (bytes == null || !context.channel().isActive()) {
            ReferenceCountUtil.release(bytes);
            context.close();
            return;
        }
        partial = null;
        whenWritten(exchange, exchange.reply(), context.writeAndFlush(bytes));
        write();
        context.flush();
    }

    void answerAll(TunnelReply reply) {
        List.copyOf(pending).forEach(exchange -> exchange.answer(reply));
    }

    void drop() {
        if (partial != null) {
            partial.reply().rest().ifPresent(rest -> rest.bytes().cancel(false));
            partial = null;
        }
        for (Exchange exchange = pending.poll(); exchange != null; exchange = pending.poll()) {
            exchange.drop();
        }
    }
}
