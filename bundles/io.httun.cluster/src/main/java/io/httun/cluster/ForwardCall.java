// SPDX-License-Identifier: Apache-2.0
package io.httun.cluster;

import io.httun.api.tunnel.TunnelReply;
import io.httun.api.tunnel.TunnelRequest;
import io.httun.toolkit.status.LogLimiter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.ReadOnlyHttp2Headers;
import io.netty.util.AsciiString;
import io.netty.util.ReferenceCountUtil;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.LoggerFactory;

/** A request that is forwarded, and the stream that carries it once there is a connection. The stream's methods are confined to its event loop. */
final class ForwardCall extends LinkCall {
    private static final LogLimiter LOG = new LogLimiter(LoggerFactory.getLogger(ForwardCall.class));

    /** What a {@link io.httun.api.tunnel.Carrier} is told: its client is one of another member. */
    private static final Object ELSEWHERE = new Object();

    private static final Http2Headers HEADERS = ReadOnlyHttp2Headers.clientHeaders(
            false,
            AsciiString.cached("POST"),
            AsciiString.cached(NodeExchange.FORWARDED),
            AsciiString.cached("https"),
            AsciiString.cached("httun"));

    private final TunnelRequest request;
    private final ByteBuf head;
    private final Envelope envelope;
    private final CompletableFuture<Optional<TunnelReply>> answer = new CompletableFuture<>();

    /** @param from number of this server */
    ForwardCall(int from, TunnelRequest request, MemoryBudget budget) {
        this.request = request;
        this.head = new NodeRequest(from, request).head();
        this.envelope = new Envelope(NodeReply.MAX_BODY, budget);
    }

    @Override
    CompletableFuture<Optional<TunnelReply>> answer() {
        return answer;
    }

    @Override
    void gone() {
        answer.complete(Optional.empty());
    }

    /** The client is to come again. */
    @Override
    void failed() {
        answer.complete(Optional.of(TunnelReply.unavailable()));
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        if (answer.isDone()) {
            ctx.close();
            return;
        }
        Channel stream = ctx.channel();
        answer.whenComplete((reply, cancelled) -> {
            if (cancelled != null) {
                stream.close();
            }
        });
        ByteBuf body = request.body();
        ctx.write(new DefaultHttp2HeadersFrame(HEADERS));
        ctx.write(new DefaultHttp2DataFrame(Envelope.seal(head, body.readableBytes())));
        if (body.isReadable()) {
            ctx.write(new DefaultHttp2DataFrame(body.retainedDuplicate()));
        }
        ctx.flush();
        ctx.fireChannelActive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws ForwardException {
        try {
            if (message instanceof Http2DataFrame data && !answer.isDone() && envelope.add(data.content())) {
                answered(ctx, NodeReply.read(envelope.head()));
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void answered(ChannelHandlerContext ctx, NodeReply reply) {
        ByteBuf body = envelope.takeBody();
        envelope.release();
        if (reply.authenticated() && !request.carrier().isAuthenticated()) {
            request.carrier().attach(ELSEWHERE);
        }
        TunnelReply.Delivery delivery = TunnelReply.Delivery.UNTRACKED;
        if (reply.tracked()) {
            delivery = new Delivery(ctx.channel());
        } else {
            end(ctx.channel());
        }
        if (!answer.complete(Optional.of(new TunnelReply(reply.status(), reply.headers(), body, delivery)))) {
            body.release();
            delivery.failed();
        }
    }

    private static void end(Channel stream) {
        stream.writeAndFlush(new DefaultHttp2DataFrame(Unpooled.EMPTY_BUFFER, true));
    }

    /** Any thread. */
    private record Delivery(Channel stream) implements TunnelReply.Delivery {
        @Override
        public void written() {
            end(stream);
        }

        @Override
        public void failed() {
            stream.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.CANCEL));
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        failed();
        envelope.release();
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof ForwardException) {
            LOG.warn("call", "Cluster: another server answers with {}", cause.getMessage());
        }
        ctx.close();
    }
}
