// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.relay.EndCause;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.Target;
import io.httun.api.target.TargetConnector;
import io.httun.listener.login.Logins.Outcome;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.socksx.SocksMessage;
import io.netty.handler.codec.socksx.SocksPortUnificationServerHandler;
import io.netty.handler.codec.socksx.v4.DefaultSocks4CommandResponse;
import io.netty.handler.codec.socksx.v4.Socks4CommandRequest;
import io.netty.handler.codec.socksx.v4.Socks4CommandStatus;
import io.netty.handler.codec.socksx.v4.Socks4CommandType;
import io.netty.handler.codec.socksx.v4.Socks4ServerDecoder;
import io.netty.handler.codec.socksx.v5.DefaultSocks5CommandResponse;
import io.netty.handler.codec.socksx.v5.DefaultSocks5InitialResponse;
import io.netty.handler.codec.socksx.v5.DefaultSocks5PasswordAuthResponse;
import io.netty.handler.codec.socksx.v5.Socks5AddressType;
import io.netty.handler.codec.socksx.v5.Socks5AuthMethod;
import io.netty.handler.codec.socksx.v5.Socks5CommandRequest;
import io.netty.handler.codec.socksx.v5.Socks5CommandRequestDecoder;
import io.netty.handler.codec.socksx.v5.Socks5CommandStatus;
import io.netty.handler.codec.socksx.v5.Socks5CommandType;
import io.netty.handler.codec.socksx.v5.Socks5InitialRequest;
import io.netty.handler.codec.socksx.v5.Socks5InitialRequestDecoder;
import io.netty.handler.codec.socksx.v5.Socks5PasswordAuthRequest;
import io.netty.handler.codec.socksx.v5.Socks5PasswordAuthRequestDecoder;
import io.netty.handler.codec.socksx.v5.Socks5PasswordAuthStatus;
import io.netty.util.NetUtil;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import java.net.Inet4Address;
import java.net.InetSocketAddress;

/**
 * SOCKS 4 and 4a, SOCKS 5 (RFC 1928) with user and password (RFC 1929) where users are configured: CONNECT, and UDP ASSOCIATE
 * where the connector carries datagrams.
 */
final class SocksNegotiation extends Negotiation {
    private static final int MAX_DATAGRAM = 0xffff;
    private static final String MALFORMED = "malformed SOCKS request";
    private static final String BAD_COMMAND = "SOCKS command that is not served";
    private static final String BAD_TARGET = "malformed target";
    private static final String NO_LOGIN = "no or wrong user and password";

    /** What the client waits for, which decides how an answer looks. */
    private enum Awaits {
        NOTHING,
        METHOD,
        LOGIN,
        REPLY_5,
        REPLY_4
    }

    private final SocksSettings socks;
    private Awaits awaits = Awaits.NOTHING;
    private boolean associated;

    SocksNegotiation(Client client, SocksSettings socks) {
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
        awaits = awaited(message);
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
                associate(ctx, request.dstPort());
            } else {
                reject(ctx, EndCause.MALFORMED, BAD_COMMAND, reply5(ctx, Socks5CommandStatus.COMMAND_UNSUPPORTED));
            }
        } else if (message instanceof Socks4CommandRequest request) {
            socks4(ctx, request);
        }
    }

    private static Awaits awaited(Object message) {
        if (message instanceof Socks4CommandRequest) {
            return Awaits.REPLY_4;
        } else if (message instanceof Socks5CommandRequest) {
            return Awaits.REPLY_5;
        }
        return message instanceof Socks5PasswordAuthRequest ? Awaits.LOGIN : Awaits.METHOD;
    }

    private void malformed(ChannelHandlerContext ctx, String why) {
        reject(
                ctx,
                EndCause.MALFORMED,
                MALFORMED,
                why.contains("address type") ? reply5(ctx, Socks5CommandStatus.ADDRESS_UNSUPPORTED) : failure(ctx));
    }

    private void chooseMethod(ChannelHandlerContext ctx, Socks5InitialRequest request) {
        boolean login = client().logins().isPresent();
        Socks5AuthMethod method = login ? Socks5AuthMethod.PASSWORD : Socks5AuthMethod.NO_AUTH;
        if (!request.authMethods().contains(method)) {
            reject(
                    ctx,
                    EndCause.UNAUTHENTICATED,
                    login ? NO_LOGIN : "no SOCKS method that is offered here",
                    failure(ctx));
            return;
        }
        ctx.writeAndFlush(new DefaultSocks5InitialResponse(method));
        next(
                ctx,
                Socks5InitialRequestDecoder.class,
                login ? new Socks5PasswordAuthRequestDecoder() : new Socks5CommandRequestDecoder());
    }

    private void logIn(ChannelHandlerContext ctx, Socks5PasswordAuthRequest request) {
        logIn(client().logins().orElseThrow(), request.username(), request.password(), outcome -> {
            if (outcome == Outcome.RIGHT) {
                ctx.writeAndFlush(new DefaultSocks5PasswordAuthResponse(Socks5PasswordAuthStatus.SUCCESS));
                next(ctx, Socks5PasswordAuthRequestDecoder.class, new Socks5CommandRequestDecoder());
            } else {
                reject(ctx, EndCause.UNAUTHENTICATED, NO_LOGIN, failure(ctx));
            }
        });
    }

    /** The new decoder also gets what the old one has not used: a client need not wait for our answers. */
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
            reject(ctx, EndCause.UNAUTHENTICATED, NO_LOGIN, failure(ctx));
        } else if (!request.type().equals(Socks4CommandType.CONNECT)) {
            reject(ctx, EndCause.MALFORMED, BAD_COMMAND, failure(ctx));
        } else {
            connect(ctx, request.dstAddr(), request.dstPort());
        }
    }

    /** The association lives as long as the client's connection (RFC 1928 section 7), which has nothing more to say. */
    private void associate(ChannelHandlerContext ctx, int port) {
        TargetConnector connector = client().connector().get();
        if (connector == null) {
            reject(ctx, EndCause.UNAVAILABLE, "the connector is not there", failure(ctx));
            return;
        } else if (!socks.udp() || !connector.takesDatagrams()) {
            reject(ctx, EndCause.MALFORMED, BAD_COMMAND, reply5(ctx, Socks5CommandStatus.COMMAND_UNSUPPORTED));
            return;
        }
        stopLimit();
        hold();
        SocketChannel control = (SocketChannel) ctx.channel();
        new Bootstrap()
                .group(control.eventLoop())
                .channel(client().parts().loops().datagramChannel())
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(MAX_DATAGRAM))
                .handler(new ChannelInboundHandlerAdapter())
                .bind(control.localAddress().getAddress(), 0)
                .addListener((ChannelFutureListener) bound -> {
                    control.closeFuture().addListener(closed -> bound.channel().close());
                    if (bound.isSuccess()) {
                        connector.openDatagrams(control.eventLoop()).addListener((FutureListener<Channel>)
                                opened -> associated(ctx, port, bound.channel(), opened));
                    } else {
                        reject(ctx, EndCause.FAILED, "no socket for datagrams", failure(ctx));
                    }
                });
    }

    private void associated(ChannelHandlerContext ctx, int port, Channel inner, Future<Channel> opened) {
        SocketChannel control = (SocketChannel) ctx.channel();
        if (!opened.isSuccess()) {
            reject(ctx, EndCause.FAILED, "no socket for datagrams", failure(ctx));
            return;
        } else if (!control.isOpen()) {
            opened.getNow().close();
            return;
        }
        UdpAssociation association =
                new UdpAssociation(client(), control.remoteAddress().getAddress(), port, inner, opened.getNow());
        association.start();
        control.closeFuture().addListener(closed -> association.stop());
        InetSocketAddress address = (InetSocketAddress) inner.localAddress();
        ctx.writeAndFlush(new DefaultSocks5CommandResponse(
                Socks5CommandStatus.SUCCESS,
                address.getAddress() instanceof Inet4Address ? Socks5AddressType.IPv4 : Socks5AddressType.IPv6,
                NetUtil.toAddressString(address.getAddress()),
                address.getPort()));
        associated = true;
        resume();
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
            reject(ctx, EndCause.MALFORMED, BAD_TARGET, failure(ctx));
            return;
        }
        request(ctx, target);
    }

    @Override
    void writeAccepted(ChannelHandlerContext ctx) {
        if (awaits == Awaits.REPLY_4) {
            ctx.writeAndFlush(new DefaultSocks4CommandResponse(Socks4CommandStatus.SUCCESS));
        } else {
            reply5(ctx, Socks5CommandStatus.SUCCESS);
        }
    }

    @Override
    Future<?> writeRefused(ChannelHandlerContext ctx, Cause cause) {
        return awaits == Awaits.REPLY_4
                ? failure(ctx)
                : reply5(
                        ctx,
                        switch (cause) {
                            case DENIED, TOO_MANY -> Socks5CommandStatus.FORBIDDEN;
                            case UNRESOLVED, UNREACHABLE, TIMED_OUT -> Socks5CommandStatus.HOST_UNREACHABLE;
                            case CONNECTION_REFUSED -> Socks5CommandStatus.CONNECTION_REFUSED;
                            case OVERLOADED, UNAVAILABLE, FAILED -> Socks5CommandStatus.FAILURE;
                        });
    }

    @Override
    Future<?> writeLate(ChannelHandlerContext ctx) {
        ChannelPipeline pipeline = ctx.pipeline();
        if (pipeline.get(Socks4ServerDecoder.class) != null) {
            awaits = Awaits.REPLY_4;
        } else if (pipeline.get(Socks5InitialRequestDecoder.class) != null) {
            awaits = Awaits.METHOD;
        } else if (pipeline.get(Socks5PasswordAuthRequestDecoder.class) != null) {
            awaits = Awaits.LOGIN;
        } else if (pipeline.get(Socks5CommandRequestDecoder.class) != null) {
            awaits = Awaits.REPLY_5;
        }
        return failure(ctx);
    }

    private Future<?> failure(ChannelHandlerContext ctx) {
        return switch (awaits) {
            case NOTHING -> ctx.newSucceededFuture();
            case METHOD -> ctx.writeAndFlush(new DefaultSocks5InitialResponse(Socks5AuthMethod.UNACCEPTED));
            case LOGIN -> ctx.writeAndFlush(new DefaultSocks5PasswordAuthResponse(Socks5PasswordAuthStatus.FAILURE));
            case REPLY_5 -> reply5(ctx, Socks5CommandStatus.FAILURE);
            case REPLY_4 -> ctx.writeAndFlush(new DefaultSocks4CommandResponse(Socks4CommandStatus.REJECTED_OR_FAILED));
        };
    }

    private static Future<?> reply5(ChannelHandlerContext ctx, Socks5CommandStatus status) {
        return ctx.writeAndFlush(new DefaultSocks5CommandResponse(status, Socks5AddressType.IPv4, "0.0.0.0", 0));
    }
}
