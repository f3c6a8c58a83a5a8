// SPDX-License-Identifier: Apache-2.0
package io.httun.cluster;

import io.httun.api.tunnel.Carrier;
import io.httun.api.tunnel.TunnelRequest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A request on its way to another member, as the head of an {@link Envelope}:
 *
 * <pre>
 * version 1 | node that forwards 1 | method | path | query | authorization | address of the client | certificate | headers
 * </pre>
 *
 * @param from number of the member that forwards it
 */
record NodeRequest(int from, TunnelRequest request) {
    static final int VERSION = 1;

    /** For {@code httun:probe}, which shows a client what a proxy has added; more are left out. */
    private static final int MAX_HEADER_CHARS = 8 << 10;

    private record Details(List<Map.Entry<String, String>> headers, String certificate)
            implements TunnelRequest.Details {}

    ByteBuf head() {
        ByteBuf out = Unpooled.buffer(512);
        out.writeByte(VERSION).writeByte(from);
        HeadText.write(out, request.method());
        HeadText.write(out, request.path());
        HeadText.write(out, request.query());
        HeadText.write(out, request.authorization());
        HeadText.write(out, request.carrier().peer());
        HeadText.write(out, request.details().certificate());
        HeadText.write(out, bounded(request.details().headers()));
        return out;
    }

    private static List<Map.Entry<String, String>> bounded(List<Map.Entry<String, String>> headers) {
        List<Map.Entry<String, String>> kept = new ArrayList<>();
        int chars = 0;
        for (Map.Entry<String, String> each : headers) {
            chars += each.getKey().length() + each.getValue().length();
            if (chars > MAX_HEADER_CHARS) {
                break;
            }
            kept.add(each);
        }
        return kept;
    }

    /**
     * @param body ownership passes unless this fails
     * @throws ForwardException if the head is of another version or damaged
     */
    static NodeRequest read(ByteBuf head, ByteBuf body) throws ForwardException {
        try {
            int version = head.readUnsignedByte();
            if (version != VERSION) {
                throw new ForwardException("a request of version " + version + ", expected " + VERSION);
            }
            int from = head.readUnsignedByte();
            String method = HeadText.read(head);
            String path = HeadText.read(head);
            String query = HeadText.read(head);
            String authorization = HeadText.read(head);
            Carrier carrier = new Carrier(HeadText.read(head));
            String certificate = HeadText.read(head);
            Details details = new Details(HeadText.readHeaders(head), certificate);
            return new NodeRequest(from, new TunnelRequest(method, path, query, authorization, body, carrier, details));
        } catch (IndexOutOfBoundsException e) {
            throw new ForwardException("a request whose head ends too early");
        }
    }
}
