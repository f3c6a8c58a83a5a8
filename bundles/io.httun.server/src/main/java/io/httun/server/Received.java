// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.tunnel.TunnelRequest;
import io.httun.protocol.Frame;
import io.httun.protocol.FrameBody;
import io.httun.protocol.FrameException;
import io.httun.protocol.FrameText;
import io.httun.protocol.TunnelPath;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * A well-formed request, parsed; its frames are still sealed.
 *
 * @param sealed its first frame
 * @param batch whether others may follow
 * @param rest what follows the first frame in a batch
 */
record Received(TunnelPath path, TunnelRequest request, ByteBuf sealed, boolean batch, ByteBuf rest) {
    /** @throws FrameException if it is not well formed */
    static Received of(TunnelRequest request) {
        TunnelPath path = TunnelPath.parse(request.path());
        if (!request.method().equals(path.read() ? "GET" : "POST")) {
            throw new FrameException("method is not GET for r or POST for w");
        }
        ByteBuf body = path.read() ? FrameText.decode(TunnelPath.message(request.query())) : onHeap(request.body());
        boolean batch = !path.read() && FrameBody.isBatch(body);
        ByteBuf sealed = batch ? FrameBody.next(body) : body;
        if (sealed.readableBytes() < Frame.OVERHEAD || sealed.readableBytes() > Frame.MAX_LENGTH) {
            throw new FrameException("frame of " + sealed.readableBytes() + " bytes, expected " + Frame.OVERHEAD
                    + " to " + Frame.MAX_LENGTH);
        }
        if (Frame.isInit(sealed) && !path.read()) {
            throw new FrameException("init frame on w, expected it on r");
        }
        return new Received(path, request, sealed, batch, body);
    }

    boolean isInit() {
        return Frame.isInit(sealed);
    }

    /** Ciphers work on arrays. */
    private static ByteBuf onHeap(ByteBuf body) {
        if (body.hasArray()) {
            return body;
        }
        byte[] copy = new byte[body.readableBytes()];
        body.getBytes(body.readerIndex(), copy);
        return Unpooled.wrappedBuffer(copy);
    }

    /** For the log. */
    @Override
    public String toString() {
        return (path.read() ? "r" : "w") + " of channel " + path.channel();
    }
}
