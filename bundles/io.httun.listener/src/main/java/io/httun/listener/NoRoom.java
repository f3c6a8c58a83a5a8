// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.socksx.SocksVersion;
import io.netty.handler.codec.socksx.v4.Socks4CommandStatus;
import io.netty.handler.codec.socksx.v5.Socks5AuthMethod;
import io.netty.handler.codec.socksx.v5.Socks5CommandStatus;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Tells a client that is one too many why, which a reset would not; whatever it asks for is not looked at. */
abstract class NoRoom extends ChannelInboundHandlerAdapter {
    private static final int LINGER_SECONDS = 2;

    private ChannelHandlerContext context;
    private boolean answered;

    /** What can be said before the client has said anything. */
    Optional<ByteBuf> unasked() {
        return Optional.empty();
    }

    /** What is said to its first bytes otherwise. */
    ByteBuf answer(ByteBuf first) {
        return Unpooled.EMPTY_BUFFER;
    }

    /** @param full whether all of the listener's connections are in use, or else only those of one source */
    static NoRoom http(boolean full) {
        HttpResponseStatus status =
                full ? HttpResponseStatus.SERVICE_UNAVAILABLE : HttpResponseStatus.TOO_MANY_REQUESTS;
        return new NoRoom() {
            @Override
            Optional<ByteBuf> unasked() {
                return Optional.of(Unpooled.copiedBuffer(
                        "HTTP/1.1 " + status + "\r\nretry-after: 1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
                        StandardCharsets.US_ASCII));
            }
        };
    }

    static NoRoom socks(boolean full) {
        Socks5CommandStatus status = full ? Socks5CommandStatus.FAILURE : Socks5CommandStatus.FORBIDDEN;
        return new NoRoom() {
            @Override
            ByteBuf answer(ByteBuf first) {
                return socksAnswer(first, status);
            }
        };
    }

    /** A client of version 5 hears of it where it may go without a login, and so gets as far as the reply to its request. */
    private static ByteBuf socksAnswer(ByteBuf first, Socks5CommandStatus status) {
        byte version = first.readByte();
        if (version == SocksVersion.SOCKS4a.byteValue()) {
            return Unpooled.buffer()
                    .writeByte(0)
                    .writeByte(Socks4CommandStatus.REJECTED_OR_FAILED.byteValue())
                    .writeZero(Short.BYTES + Integer.BYTES);
        } else if (version != SocksVersion.SOCKS5.byteValue()) {
            return Unpooled.EMPTY_BUFFER;
        }
        int methods = first.isReadable() ? first.readUnsignedByte() : 0;
        ByteBuf offered = first.readSlice(Math.min(methods, first.readableBytes()));
        ByteBuf answer = Unpooled.buffer().writeByte(version);
        if (offered.bytesBefore(Socks5AuthMethod.NO_AUTH.byteValue()) < 0) {
            return answer.writeByte(Socks5AuthMethod.UNACCEPTED.byteValue());
        }
        return answer.writeByte(Socks5AuthMethod.NO_AUTH.byteValue())
                .writeByte(version)
                .writeByte(status.byteValue())
                .writeByte(0)
                .writeByte(1)
                .writeZero(Integer.BYTES + Short.BYTES);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        // Once the channel is active, which it may have been for long.
        ctx.executor().execute(this::start);
    }

    private void start() {
        context.executor().schedule(() -> context.close(), LINGER_SECONDS, TimeUnit.SECONDS);
        if (!answered) {
            unasked().ifPresent(this::say);
        }
        // A socket that is closed with unread bytes is reset, and the answer lost.
        context.channel().config().setAutoRead(true);
    }

    private void say(ByteBuf answer) {
        answered = true;
        context.writeAndFlush(answer).addListener(written -> ((SocketChannel) context.channel()).shutdownOutput());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (!answered) {
                say(unasked().orElseGet(() -> answer((ByteBuf) message)));
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            ctx.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable failure) {
        ctx.close();
    }
}
