// SPDX-License-Identifier: Apache-2.0
package io.httun.api.tunnel;

import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Map;

/**
 * An HTTP request for the server, stripped to what the wire protocol looks at ({@code wire/httun.md} section 1).
 *
 * @param method as received, for example {@code GET}
 * @param path behind the endpoint's base path, not decoded, for example {@code /7/r/2006A0CA5A}
 * @param query without the question mark, not decoded; empty where there is none
 * @param authorization value of the {@code Authorization} header; empty where there is none
 * @param body whole body; ownership passes to the server. Fastest when heap-backed
 * @param carrier the connection it came on
 * @param details what else there is to know of it, for {@code httun:probe}; to be asked only until {@link TunnelService#handle} returns
 */
public record TunnelRequest(
        String method,
        String path,
        String query,
        String authorization,
        ByteBuf body,
        Carrier carrier,
        Details details) {
    /** What the endpoint knows of a request beyond the wire protocol. */
    public interface Details {
        /** Nothing is known, and replies are sent whole. */
        Details NONE = new Details() {
            @Override
            public List<Map.Entry<String, String>> headers() {
                return List.of();
            }
        };

        /** The headers as received, in order. */
        List<Map.Entry<String, String>> headers();

        /** Whether the endpoint sends the first bytes of a reply before its {@link TunnelReply.Rest}. */
        default boolean takesRest() {
            return false;
        }

        /** SHA-256 in hex of the certificate that this endpoint has shown on the connection; empty where TLS does not end here. */
        default String certificate() {
            return "";
        }
    }

    /** Longest path and longest query that an endpoint needs to take, in characters. */
    public static final int MAX_LINE = 8192;

    /** Largest body that an endpoint hands on, in bytes; what is larger is answered 413. */
    public static final int MAX_BODY = 1 << 20;

    /** Without details. */
    public TunnelRequest(
            String method, String path, String query, String authorization, ByteBuf body, Carrier carrier) {
        this(method, path, query, authorization, body, carrier, Details.NONE);
    }

    /** The same request as a service sees it that is mounted at {@code mount}, with which its path begins. */
    public TunnelRequest below(String mount) {
        return new TunnelRequest(method, path.substring(mount.length()), query, authorization, body, carrier, details);
    }

    /** Without the query and the authorization, which are secrets of a kind. */
    @Override
    public String toString() {
        return method + ' ' + path + " (" + body.readableBytes() + " bytes)";
    }
}
