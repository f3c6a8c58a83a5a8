// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.target.RefusedException.Cause;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.socksx.v4.DefaultSocks4CommandResponse;
import io.netty.handler.codec.socksx.v4.Socks4CommandRequest;
import io.netty.handler.codec.socksx.v4.Socks4CommandStatus;
import io.netty.handler.codec.socksx.v4.Socks4ServerDecoder;
import io.netty.handler.codec.socksx.v5.DefaultSocks5CommandResponse;
import io.netty.handler.codec.socksx.v5.DefaultSocks5InitialResponse;
import io.netty.handler.codec.socksx.v5.DefaultSocks5PasswordAuthResponse;
import io.netty.handler.codec.socksx.v5.Socks5AddressType;
import io.netty.handler.codec.socksx.v5.Socks5AuthMethod;
import io.netty.handler.codec.socksx.v5.Socks5CommandRequest;
import io.netty.handler.codec.socksx.v5.Socks5CommandRequestDecoder;
import io.netty.handler.codec.socksx.v5.Socks5CommandStatus;
import io.netty.handler.codec.socksx.v5.Socks5InitialRequestDecoder;
import io.netty.handler.codec.socksx.v5.Socks5PasswordAuthRequest;
import io.netty.handler.codec.socksx.v5.Socks5PasswordAuthStatus;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import java.net.Inet4Address;
import java.net.InetSocketAddress;

/** Writes the replies of a SOCKS negotiation in the format that the client expects at its current step. */
final class SocksReplies {
    /**
     * The reply that the client expects next.
     *
     * <pre>
     * NOTHING --greeting of 5--> METHOD [--user and password--> LOGIN] --command--> REPLY_5
     *    |
     *    +--request of 4--> REPLY_4
     * </pre>
     */
    private enum Awaits {
        NOTHING,
        METHOD,
        LOGIN,
        REPLY_5,
        REPLY_4
    }

    private Awaits awaits = Awaits.NOTHING;

    void received(Object message) {
        if (message instanceof Socks4CommandRequest) {
            awaits = Awaits.REPLY_4;
        } else if (message instanceof Socks5CommandRequest) {
            awaits = Awaits.REPLY_5;
        } else {
            awaits = message instanceof Socks5PasswordAuthRequest ? Awaits.LOGIN : Awaits.METHOD;
        }
    }

    void method(ChannelHandlerContext ctx, Socks5AuthMethod method) {
        ctx.writeAndFlush(new DefaultSocks5InitialResponse(method));
    }

    void loggedIn(ChannelHandlerContext ctx) {
        ctx.writeAndFlush(new DefaultSocks5PasswordAuthResponse(Socks5PasswordAuthStatus.SUCCESS));
    }

    void connected(ChannelHandlerContext ctx) {
        if (awaits == Awaits.REPLY_4) {
            ctx.writeAndFlush(new DefaultSocks4CommandResponse(Socks4CommandStatus.SUCCESS));
        } else {
            command(ctx, Socks5CommandStatus.SUCCESS);
        }
    }

    /** @param relay the address to which the client must send its datagrams */
    void associated(ChannelHandlerContext ctx, InetSocketAddress relay) {
        ctx.writeAndFlush(new DefaultSocks5CommandResponse(
                Socks5CommandStatus.SUCCESS,
                relay.getAddress() instanceof Inet4Address ? Socks5AddressType.IPv4 : Socks5AddressType.IPv6,
                NetUtil.toAddressString(relay.getAddress()),
                relay.getPort()));
    }

    Future<?> refused(ChannelHandlerContext ctx, Cause cause) {
        return awaits == Awaits.REPLY_4
                ? failure(ctx)
                : command(
                        ctx,
                        switch (cause) {
                            case DENIED -> Socks5CommandStatus.FORBIDDEN;
                            case UNREACHABLE -> Socks5CommandStatus.NETWORK_UNREACHABLE;
                            case UNRESOLVED, TIMED_OUT -> Socks5CommandStatus.HOST_UNREACHABLE;
                            case CONNECTION_REFUSED -> Socks5CommandStatus.CONNECTION_REFUSED;
                            case OVERLOADED, TOO_MANY, UNAVAILABLE, FAILED -> Socks5CommandStatus.FAILURE;
                        });
    }

    /** The failure of a client that has not completed its current message; the decoder in place tells the step. */
    Future<?> timedOut(ChannelHandlerContext ctx) {
        ChannelPipeline pipeline = ctx.pipeline();
        if (pipeline.get(Socks4ServerDecoder.class) != null) {
            awaits = Awaits.REPLY_4;
        } else if (pipeline.get(Socks5InitialRequestDecoder.class) != null) {
            awaits = Awaits.METHOD;
        } else if (pipeline.get(SocksLoginDecoder.class) != null) {
            awaits = Awaits.LOGIN;
        } else if (pipeline.get(Socks5CommandRequestDecoder.class) != null) {
            awaits = Awaits.REPLY_5;
        }
        return failure(ctx);
    }

    Future<?> failure(ChannelHandlerContext ctx) {
        return switch (awaits) {
            case NOTHING -> ctx.newSucceededFuture();
            case METHOD -> ctx.writeAndFlush(new DefaultSocks5InitialResponse(Socks5AuthMethod.UNACCEPTED));
            case LOGIN -> ctx.writeAndFlush(new DefaultSocks5PasswordAuthResponse(Socks5PasswordAuthStatus.FAILURE));
            case REPLY_5 -> command(ctx, Socks5CommandStatus.FAILURE);
            case REPLY_4 -> ctx.writeAndFlush(new DefaultSocks4CommandResponse(Socks4CommandStatus.REJECTED_OR_FAILED));
        };
    }

    Future<?> command(ChannelHandlerContext ctx, Socks5CommandStatus status) {
        return ctx.writeAndFlush(new DefaultSocks5CommandResponse(status, Socks5AddressType.IPv4, "0.0.0.0", 0));
    }
}
