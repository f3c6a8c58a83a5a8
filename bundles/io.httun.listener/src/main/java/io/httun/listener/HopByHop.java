// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http2.HttpConversionUtil.ExtensionHeaderNames;
import io.netty.util.AsciiString;
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
     * Says that the message has been here.
     *
     * @param version of HTTP that it came in
     */
    static void addVia(HttpHeaders headers, String version, String pseudonym) {
        headers.add(HttpHeaderNames.VIA, version + ' ' + pseudonym);
    }

    /** Whether it has been here before. */
    static boolean hasPassed(HttpMessage message, String pseudonym) {
        return message.headers().getAll(HttpHeaderNames.VIA).stream().anyMatch(via -> via.contains(' ' + pseudonym));
    }
}
