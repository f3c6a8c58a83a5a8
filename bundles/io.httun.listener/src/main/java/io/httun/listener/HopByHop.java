// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http2.HttpConversionUtil.ExtensionHeaderNames;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;

/** Headers that are between two neighbours only (RFC 9110 section 7.6). */
final class HopByHop {
    private static final AsciiString PROXY_CONNECTION = AsciiString.cached("proxy-connection");
    private static final AsciiString KEEP_ALIVE = AsciiString.cached("keep-alive");
    private static final List<AsciiString> NAMES = List.of(
            HttpHeaderNames.CONNECTION,
            PROXY_CONNECTION,
            KEEP_ALIVE,
            HttpHeaderNames.PROXY_AUTHENTICATE,
            HttpHeaderNames.PROXY_AUTHORIZATION,
            HttpHeaderNames.TE,
            HttpHeaderNames.TRANSFER_ENCODING,
            HttpHeaderNames.UPGRADE);

    private HopByHop() {}

    /** Takes them away, with those that {@code Connection} names. */
    static void remove(HttpHeaders headers) {
        for (String value : headers.getAll(HttpHeaderNames.CONNECTION)) {
            for (String name : value.split(",")) {
                if (!name.isBlank()) {
                    headers.remove(name.strip());
                }
            }
        }
        NAMES.forEach(headers::remove);
        for (ExtensionHeaderNames name : ExtensionHeaderNames.values()) {
            headers.remove(name.text());
        }
    }

    /**
     * What {@code Via} is to say of the message: where it has been, and that it has been here.
     *
     * @param stream whether it came in HTTP/2
     */
    static String via(HttpMessage message, boolean stream, String pseudonym) {
        HttpVersion version = message.protocolVersion();
        String own = (stream ? "2.0" : version.majorVersion() + "." + version.minorVersion()) + ' ' + pseudonym;
        List<String> path = new ArrayList<>(message.headers().getAll(HttpHeaderNames.VIA));
        path.add(own);
        return String.join(", ", path);
    }

    /** Whether it has been here before. */
    static boolean hasPassed(HttpMessage message, String pseudonym) {
        return message.headers().getAll(HttpHeaderNames.VIA).stream().anyMatch(via -> via.contains(' ' + pseudonym));
    }
}
