// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.relay.EndCause;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.Target;
import io.httun.api.target.TargetConnector;
import io.httun.toolkit.login.Logins.Outcome;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.socksx.SocksMessage;
import io.netty.handler.codec.socksx.SocksPortUnificationServerHandler;
import io.netty.handler.codec.socksx.v4.Socks4CommandRequest;
import io.netty.handler.codec.socksx.v4.Socks4CommandType;
import io.netty.handler.codec.socksx.v5.Socks5AuthMethod;
import io.netty.handler.codec.socksx.v5.Socks5CommandRequest;
import io.netty.handler.codec.socksx.v5.Socks5CommandRequestDecoder;
import io.netty.handler.codec.socksx.v5.Socks5CommandStatus;
import io.netty.handler.codec.socksx.v5.Socks5CommandType;
import io.netty.handler.codec.socksx.v5.Socks5InitialRequest;
import io.netty.handler.codec.socksx.v5.Socks5InitialRequestDecoder;
import io.netty.handler.codec.socksx.v5.Socks5PasswordAuthRequest;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;

/**
 * The negotiation of SOCKS 4, 4a and 5 (RFC 1928), with user and password (RFC 1929) if users are configured. Serves CONNECT, and
 * UDP ASSOCIATE if the connector carries datagrams.
 */
final class SocksNegotiation extends Negotiation {
    private static final String MALFORMED = "malformed SOCKS request";
    private static final String BAD_COMMAND = "unsupported SOCKS command";
    private static final String BAD_TARGET = "malformed target";
    private static final String NO_LOGIN = "missing or wrong user and password";

    private final SocksSettings socks;
    private final SocksReplies replies = new SocksReplies();
    private boolean associated;

    SocksNegotiation(ListenerClient client, SocksSettings socks) {
        super(client);
        this.socks = socks;
    }

    @Override
    void begin(ChannelHandlerContext ctx) {
        ctx.pipeline().addBefore(ctx.name(), null, new SocksPortUnificationServerHandler());
        ctx.channel().config().setAutoRead(true);
    }

    @Override
    void message(ChannelHandlerContext ctx, Object message) {
        replies.received(message);
        DecoderResult result = message instanceof SocksMessage socks ? socks.decoderResult() : DecoderResult.SUCCESS;
        if (result.isFailure()) {
            malformed(ctx, String.valueOf(result.cause().getMessage()));
        } else if (message instanceof Socks5InitialRequest request) {
            chooseMethod(ctx, request);
        } else if (message instanceof Socks5PasswordAuthRequest request) {
            logIn(ctx, request);
        } else if (message instanceof Socks5CommandRequest request) {
            if (request.type().equals(Socks5CommandType.CONNECT)) {
                connect(ctx, request.dstAddr(), request.dstPort());
            } else if (request.type().equals(Socks5CommandType.UDP_ASSOCIATE)) {
                associate(ctx, request);
            } else {
                reject(
                        ctx,
                        EndCause.MALFORMED,
                        BAD_COMMAND,
                        replies.command(ctx, Socks5CommandStatus.COMMAND_UNSUPPORTED));
            }
        } else if (message instanceof Socks4CommandRequest request) {
            socks4(ctx, request);
        }
    }

    private void malformed(ChannelHandlerContext ctx, String why) {
        reject(
                ctx,
                EndCause.MALFORMED,
                MALFORMED,
                why.contains("address type")
                        ? replies.command(ctx, Socks5CommandStatus.ADDRESS_UNSUPPORTED)
                        : replies.failure(ctx));
    }

    private void chooseMethod(ChannelHandlerContext ctx, Socks5InitialRequest request) {
        boolean login = client().logins().isPresent();
        Socks5AuthMethod method = login ? Socks5AuthMethod.PASSWORD : Socks5AuthMethod.NO_AUTH;
        if (!request.authMethods().contains(method)) {
            reject(
                    ctx,
                    EndCause.UNAUTHENTICATED,
                    login ? NO_LOGIN : "no acceptable SOCKS authentication method",
                    replies.failure(ctx));
            return;
        }
        replies.method(ctx, method);
        next(
                ctx,
                Socks5InitialRequestDecoder.class,
                login ? new SocksLoginDecoder() : new Socks5CommandRequestDecoder());
    }

    private void logIn(ChannelHandlerContext ctx, Socks5PasswordAuthRequest request) {
        logIn(client().logins().orElseThrow(), request.username(), request.password(), outcome -> {
            if (outcome == Outcome.RIGHT) {
                replies.loggedIn(ctx);
                next(ctx, SocksLoginDecoder.class, new Socks5CommandRequestDecoder());
            } else {
                reject(ctx, EndCause.UNAUTHENTICATED, NO_LOGIN, replies.failure(ctx));
            }
        });
    }

    /** Replaces the decoder. The new one gets the unused bytes: a client need not wait for our replies. */
    private void next(
            ChannelHandlerContext ctx, Class<? extends ChannelHandler> old, ChannelInboundHandlerAdapter decoder) {
        ChannelPipeline pipeline = ctx.pipeline();
        pipeline.replace(pipeline.get(old), null, decoder);
        ChannelHandlerContext next = pipeline.context(decoder);
        try {
            for (ByteBuf bytes : takeHeldBytes()) {
                decoder.channelRead(next, bytes);
            }
        } catch (Exception e) {
            ctx.fireExceptionCaught(e);
        }
    }

    private void socks4(ChannelHandlerContext ctx, Socks4CommandRequest request) {
        if (client().logins().isPresent()) {
            reject(ctx, EndCause.UNAUTHENTICATED, NO_LOGIN, replies.failure(ctx));
        } else if (!request.type().equals(Socks4CommandType.CONNECT)) {
            reject(ctx, EndCause.MALFORMED, BAD_COMMAND, replies.failure(ctx));
        } else {
            connect(ctx, request.dstAddr(), request.dstPort());
        }
    }

    private void associate(ChannelHandlerContext ctx, Socks5CommandRequest request) {
        TargetConnector connector = client().connector().get();
        if (!socks.udp() || connector != null && !connector.takesDatagrams()) {
            reject(ctx, EndCause.MALFORMED, BAD_COMMAND, replies.command(ctx, Socks5CommandStatus.COMMAND_UNSUPPORTED));
            return;
        }
        stopLimit();
        hold();
        new SocksUdpOpening(client(), (SocketChannel) ctx.channel(), request, new SocksUdpOpening.Result() {
                    @Override
                    public void associated(InetSocketAddress relay) {
                        replies.associated(ctx, relay);
                        associated = true;
                        resume();
                    }

                    @Override
                    public void refused(Cause cause) {
                        SocksNegotiation.this.refused(cause);
                    }

                    @Override
                    public void failed() {
                        reject(ctx, EndCause.FAILED, "no UDP socket for the client", replies.failure(ctx));
                    }
                })
                .start();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (associated) {
            ReferenceCountUtil.release(message);
        } else {
            super.channelRead(ctx, message);
        }
    }

    private void connect(ChannelHandlerContext ctx, String host, int port) {
        Target target;
        try {
            target = Target.of(host, port);
        } catch (IllegalArgumentException e) {
            reject(ctx, EndCause.MALFORMED, BAD_TARGET, replies.failure(ctx));
            return;
        }
        request(ctx, target);
    }

    @Override
    void writeAccepted(ChannelHandlerContext ctx) {
        replies.connected(ctx);
    }

    @Override
    Future<?> writeRefused(ChannelHandlerContext ctx, Cause cause) {
        return replies.refused(ctx, cause);
    }

    @Override
    Future<?> writeLate(ChannelHandlerContext ctx) {
        return replies.timedOut(ctx);
    }
}
