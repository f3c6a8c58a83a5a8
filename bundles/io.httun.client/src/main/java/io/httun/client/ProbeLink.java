// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.protocol.FrameBody;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntConsumer;

/** One HTTP connection, one request at a time, that reports the arrival of replies. Thread-safe; callbacks run on the event loop. */
final class ProbeLink {
    /**
     * A whole reply.
     *
     * @param body truncated after {@link FrameBody#MAX_BATCH} bytes
     */
    record Reply(int status, HttpHeaders headers, byte[] body) {}

    private final Line line;
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private CompletableFuture<Reply> waiting;
    private IntConsumer progress;
    private volatile boolean lastRequest;

    private ProbeLink(Line line) {
        this.line = line;
        line.channel().closeFuture().addListener(end -> closed.complete(null));
        line.receive(new Handler());
    }

    /** Connects; fails with an {@link HttunException} that names the cause. */
    static CompletableFuture<ProbeLink> open(EventLoop loop, Dialer dialer, ServerUrl url) {
        CompletableFuture<ProbeLink> opened = new CompletableFuture<>();
        loop.execute(() -> dialer.dial(loop, url).addListener((Future<Line> dialed) -> {
            if (!dialed.isSuccess()) {
                opened.completeExceptionally(dialed.cause());
                return;
            }
            ProbeLink link = new ProbeLink(dialed.getNow());
            if (!opened.complete(link)) {
                link.close();
            }
        }));
        return opened;
    }

    Channel channel() {
        return line.channel();
    }

    CompletableFuture<Void> closed() {
        return closed;
    }

    /** Whether the connection probably takes another request. */
    boolean isOpen() {
        return line.channel().isActive() && !lastRequest;
    }

    /**
     * Takes over both buffers.
     *
     * @param body null for none
     * @param moved is called with the number of bytes received of the reply's body: 0 with its head
     */
    CompletableFuture<Reply> send(ByteBuf head, ByteBuf body, IntConsumer moved) {
        CompletableFuture<Reply> reply = new CompletableFuture<>();
        line.channel().eventLoop().execute(() -> {
            if (!isOpen()) {
                head.release();
                ReferenceCountUtil.release(body);
                reply.completeExceptionally(new HttunException("the connection is closed"));
                return;
            }
            waiting = reply;
            progress = moved;
            lastRequest = !line.keepAlive();
            ByteBuf dressed = line.dress(head);
            Channel to = line.channel();
            to.writeAndFlush(body == null ? dressed : Unpooled.wrappedBuffer(dressed, body), to.voidPromise());
        });
        return reply;
    }

    void close() {
        line.channel().close();
    }

    private void fail(String why) {
        if (waiting != null) {
            waiting.completeExceptionally(new HttunException(why));
            waiting = null;
        }
    }

    private final class Handler extends SimpleChannelInboundHandler<HttpObject> {
        private HttpResponse head;
        private ByteBuf body;

        @Override
        protected void channelRead0(ChannelHandlerContext context, HttpObject part) {
            if (part.decoderResult().isFailure() || waiting == null) {
                fail("got something that is not an HTTP reply");
                context.close();
                return;
            }
            if (part instanceof HttpResponse response) {
                head = response;
                release();
                body = context.alloc().heapBuffer();
                if (response.status().codeClass() != HttpStatusClass.INFORMATIONAL) {
                    progress.accept(0);
                }
            }
            if (part instanceof HttpContent content && body != null) {
                int room = Math.min(content.content().readableBytes(), FrameBody.MAX_BATCH - body.readableBytes());
                if (room > 0) {
                    body.writeBytes(content.content(), room);
                    progress.accept(body.readableBytes());
                }
                if (part instanceof LastHttpContent) {
                    complete();
                }
            }
        }

        private void complete() {
            HttpResponse response = head;
            byte[] bytes = ByteBufUtil.getBytes(body);
            release();
            if (response.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
                return;
            }
            lastRequest |= !HttpUtil.isKeepAlive(response);
            CompletableFuture<Reply> told = waiting;
            waiting = null;
            told.complete(new Reply(response.status().code(), new DefaultHttpHeaders().set(response.headers()), bytes));
            if (lastRequest) {
                line.channel().close();
            }
        }

        private void release() {
            ReferenceCountUtil.release(body);
            body = null;
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            release();
            fail("the connection was closed" + (head == null ? " without an answer" : ""));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            fail(String.valueOf(cause.getMessage()));
            context.close();
        }
    }
}
