// SPDX-License-Identifier: Apache-2.0
package io.httun.cluster;

import io.httun.api.cluster.NodeServer;
import io.httun.api.tunnel.Carrier;
import io.httun.api.tunnel.TunnelReply;
import io.httun.api.tunnel.TunnelRequest;
import io.httun.toolkit.status.LogLimiter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.LoggerFactory;

/**
 * A stream at the member that answers. The other end keeps its side open until it knows what became of the reply: its end says that the client
 * has it, a reset that it has not. Confined to the stream's event loop.
 */
final class NodeExchange extends ChannelInboundHandlerAdapter {
    /** Path of a request that is forwarded; others are of questions. */
    static final String FORWARDED = "/1";

    private static final LogLimiter LOG = new LogLimiter(LoggerFactory.getLogger(NodeExchange.class));

    private final NodeServer server;
    private final ForwardCounts counts;
    private final Envelope envelope;
    private CompletableFuture<TunnelReply> handling;
    private boolean asked;
    private TunnelReply.Delivery delivery = TunnelReply.Delivery.UNTRACKED;

    NodeExchange(NodeServer server, MemoryBudget budget, ForwardCounts counts) {
        this.server = server;
        this.counts = counts;
        this.envelope = new Envelope(TunnelRequest.MAX_BODY, budget);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws ForwardException {
        try {
            if (message instanceof Http2DataFrame data) {
                if (handling == null && !asked && envelope.add(data.content())) {
                    handle(ctx, read());
                }
                if (data.isEndStream()) {
                    delivered();
                }
            } else if (message instanceof Http2HeadersFrame head) {
                begin(ctx, head);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void begin(ChannelHandlerContext ctx, Http2HeadersFrame head) throws ForwardException {
        String path = String.valueOf(head.headers().path());
        if (!path.equals(FORWARDED)) {
            asked = true;
            answer(ctx, String.valueOf(head.headers().method()) + " " + path);
        } else if (head.isEndStream()) {
            throw new ForwardException("a stream without a request");
        }
    }

    private void answer(ChannelHandlerContext ctx, String question) {
        String one = "DELETE " + NodeQuestion.SESSIONS + "/";
        if (question.equals("GET " + NodeQuestion.SESSIONS)) {
            answer(ctx, NodeQuestion.OK, SessionList.of(server.sessions()).encode());
        } else if (question.startsWith(one)) {
            String id = question.substring(one.length());
            answer(
                    ctx,
                    server.closeSession(id) ? NodeQuestion.NO_CONTENT : NodeQuestion.NOT_FOUND,
                    Unpooled.EMPTY_BUFFER);
        } else {
            answer(ctx, NodeQuestion.NOT_IMPLEMENTED, Unpooled.EMPTY_BUFFER);
        }
    }

    private static void answer(ChannelHandlerContext ctx, int status, ByteBuf body) {
        ctx.write(new DefaultHttp2HeadersFrame(new DefaultHttp2Headers(false).status(Integer.toString(status)), false));
        ctx.writeAndFlush(new DefaultHttp2DataFrame(body, true));
    }

    private NodeRequest read() throws ForwardException {
        ByteBuf body = envelope.takeBody();
        try {
            return NodeRequest.read(envelope.head(), body);
        } catch (ForwardException e) {
            body.release();
            throw e;
        }
    }

    private void handle(ChannelHandlerContext ctx, NodeRequest forwarded) {
        counts.received(forwarded.from());
        Carrier carrier = forwarded.request().carrier();
        handling = server.handleHere(forwarded.request()).toCompletableFuture();
        handling.whenComplete((reply, cancelled) -> {
            if (cancelled != null) {
                return;
            }
            try {
                ctx.executor().execute(() -> answer(ctx, reply, carrier.isAuthenticated()));
            } catch (RejectedExecutionException e) {
                drop(reply);
            }
        });
    }

    private void answer(ChannelHandlerContext ctx, TunnelReply reply, boolean authenticated) {
        envelope.release();
        if (!ctx.channel().isActive()) {
            drop(reply);
            return;
        }
        delivery = reply.delivery();
        ctx.write(new DefaultHttp2HeadersFrame(new DefaultHttp2Headers(false).status("200")));
        ByteBuf head = NodeReply.of(reply, authenticated).head();
        int length = reply.body().readableBytes();
        ctx.write(new DefaultHttp2DataFrame(Envelope.seal(head, length), length == 0));
        if (length > 0) {
            ctx.write(new DefaultHttp2DataFrame(reply.body(), true));
        } else {
            reply.body().release();
        }
        ctx.flush();
    }

    private static void drop(TunnelReply reply) {
        reply.body().release();
        reply.delivery().failed();
    }

    private void delivered() {
        TunnelReply.Delivery told = delivery;
        delivery = TunnelReply.Delivery.UNTRACKED;
        told.written();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (handling != null) {
            handling.cancel(false);
        }
        TunnelReply.Delivery told = delivery;
        delivery = TunnelReply.Delivery.UNTRACKED;
        told.failed();
        envelope.release();
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof ForwardException) {
            LOG.warn("exchange", "Cluster: another server forwards {}", cause.getMessage());
        }
        ctx.close();
    }
}
