// SPDX-License-Identifier: Apache-2.0
package io.httun.cluster;

import io.httun.api.tunnel.TunnelReply;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Map;

/**
 * A reply on its way back, as the head of an {@link Envelope}: version 1, flags 1, status 2, headers.
 *
 * @param tracked whether the server wants to know whether it reached the client
 * @param authenticated whether the client has proved that it knows the secret of its channel
 */
record NodeReply(int status, List<Map.Entry<String, String>> headers, boolean tracked, boolean authenticated) {
    static final int VERSION = 1;

    /** More than any reply of the server, whose requests and replies carry up to 1 MiB of frames. */
    static final int MAX_BODY = 4 << 20;

    private static final int TRACKED = 1;
    private static final int AUTHENTICATED = 2;
    private static final int MAX_STATUS = 599;

    static NodeReply of(TunnelReply reply, boolean authenticated) {
        return new NodeReply(
                reply.status(), reply.headers(), reply.delivery() != TunnelReply.Delivery.UNTRACKED, authenticated);
    }

    ByteBuf head() {
        ByteBuf out = Unpooled.buffer(256);
        out.writeByte(VERSION)
                .writeByte((tracked ? TRACKED : 0) | (authenticated ? AUTHENTICATED : 0))
                .writeShort(status);
        HeadText.write(out, headers);
        return out;
    }

    /** @throws ForwardException if the head is of another version or damaged */
    static NodeReply read(ByteBuf head) throws ForwardException {
        try {
            int version = head.readUnsignedByte();
            if (version != VERSION) {
                throw new ForwardException("a reply of version " + version + ", expected " + VERSION);
            }
            int flags = head.readUnsignedByte();
            int status = head.readUnsignedShort();
            if (status < 200 || status > MAX_STATUS) {
                throw new ForwardException("a reply with status " + status);
            }
            return new NodeReply(
                    status, HeadText.readHeaders(head), (flags & TRACKED) != 0, (flags & AUTHENTICATED) != 0);
        } catch (IndexOutOfBoundsException e) {
            throw new ForwardException("a reply whose head ends too early");
        }
    }
}
