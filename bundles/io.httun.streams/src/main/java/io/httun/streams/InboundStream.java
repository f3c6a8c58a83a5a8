// SPDX-License-Identifier: Apache-2.0
package io.httun.streams;

import io.httun.api.relay.RelayConnection;
import io.httun.api.stream.StreamOrigin;
import io.httun.api.target.RefusedException.Cause;
import io.httun.toolkit.http2.Http2ByteStream;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A stream at the server from its request to the relay. What its client sends before the target is connected waits here: what one round of
 * reading brought, as reading is off.
 */
final class InboundStream extends ChannelInboundHandlerAdapter implements RelayConnection.Opening {
    private final StreamOrigin origin;
    private final AcceptPorts ports;
    private final List<ByteBuf> early = new ArrayList<>();
    private ChannelHandlerContext context;
    private RelayConnection connection;
    private boolean clientEnded;

    InboundStream(StreamOrigin origin, AcceptPorts ports) {
        this.origin = origin;
        this.ports = ports;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        context = ctx;
        ctx.read();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (message instanceof Http2HeadersFrame request && connection == null) {
            request(ctx, request);
        } else if (message instanceof ByteBuf bytes) {
            early.add(bytes);
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    private void request(ChannelHandlerContext ctx, Http2HeadersFrame request) {
        clientEnded = request.isEndStream();
        ctx.pipeline().addBefore(ctx.name(), null, new Http2ByteStream(Http2Error.CONNECT_ERROR));
        Optional<StreamRequest> wanted = StreamRequest.read(request.headers());
        if (wanted.isEmpty()) {
            StreamAnswer.last(ctx, StreamAnswer.malformed());
            return;
        }
        PipeStreams.of(ctx.channel().parent()).add((Http2StreamChannel) ctx.channel(), wanted.get());
        if (wanted.get() instanceof StreamRequest.Accept accept) {
            accept(ctx, accept.listen());
            return;
        }
        if (wanted.get() instanceof StreamRequest.Echo) {
            echo(ctx);
            return;
        }
        Optional<RelayConnection> accepted = origin.relay().accept(ctx.channel(), origin.source());
        if (accepted.isEmpty()) {
            StreamAnswer.last(ctx, StreamAnswer.refused(Cause.OVERLOADED));
            return;
        }
        if (wanted.get() instanceof StreamRequest.Connection stream) {
            connection = accepted.get();
            connection.open(stream.target(), this);
        } else if (wanted.get() instanceof StreamRequest.Datagrams datagrams) {
            ctx.pipeline().addAfter(ctx.name(), null, new InboundDatagrams(accepted.get(), datagrams.target()));
            ctx.pipeline().replace(this, null, new Capsules());
        }
    }

    private void accept(ChannelHandlerContext ctx, InetSocketAddress listen) {
        if (origin.reverse().stream().noneMatch(rule -> rule.allows(listen))) {
            StreamAnswer.last(ctx, StreamAnswer.notAllowed());
            return;
        }
        Optional<AcceptPort> port = ports.of(listen, origin.relay());
        if (port.isEmpty()) {
            StreamAnswer.last(ctx, StreamAnswer.noPort(true));
        } else {
            ctx.pipeline().replace(this, null, new InboundAccept(port.get(), origin.relay(), listen));
        }
    }

    private void echo(ChannelHandlerContext ctx) {
        if (!origin.test()) {
            StreamAnswer.last(ctx, StreamAnswer.notAllowed());
        } else {
            ctx.writeAndFlush(new DefaultHttp2HeadersFrame(StreamAnswer.connected()));
            ctx.pipeline().replace(this, null, new EchoStream());
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        clientEnded |= event instanceof ChannelInputShutdownEvent;
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void opened(Channel target) {
        context.writeAndFlush(new DefaultHttp2HeadersFrame(StreamAnswer.connected()));
        List<ByteBuf> first = List.copyOf(early);
        early.clear();
        connection.relay(this, first, clientEnded);
    }

    @Override
    public void refused(Cause cause) {
        StreamAnswer.last(context, StreamAnswer.refused(cause));
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        early.forEach(ByteBuf::release);
        early.clear();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable failure) {
        // The client has reset it; the relay's connection notices that the channel closes.
        ctx.close();
    }
}
