// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.socksx.v5.DefaultSocks5PasswordAuthRequest;
import io.netty.handler.codec.socksx.v5.Socks5PasswordAuthRequest;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Decodes user and password (RFC 1929) in UTF-8; Netty's decoder supports ASCII only. */
final class SocksLoginDecoder extends ByteToMessageDecoder {
    private static final int VERSION = 1;

    private boolean done;

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (done) {
            out.add(in.readRetainedSlice(in.readableBytes()));
            return;
        }
        int start = in.readerIndex();
        if (in.readUnsignedByte() != VERSION) {
            done = true;
            in.skipBytes(in.readableBytes());
            Socks5PasswordAuthRequest malformed = new DefaultSocks5PasswordAuthRequest("", "");
            malformed.setDecoderResult(
                    DecoderResult.failure(new CorruptedFrameException("unsupported version of the SOCKS login")));
            out.add(malformed);
            return;
        }
        String user = text(in);
        String password = user == null ? null : text(in);
        if (password == null) {
            in.readerIndex(start);
        } else {
            done = true;
            out.add(new DefaultSocks5PasswordAuthRequest(user, password));
        }
    }

    /** Returns null while incomplete. */
    private static String text(ByteBuf in) {
        if (!in.isReadable() || in.readableBytes() <= in.getUnsignedByte(in.readerIndex())) {
            return null;
        }
        return in.readCharSequence(in.readUnsignedByte(), StandardCharsets.UTF_8)
                .toString();
    }
}
