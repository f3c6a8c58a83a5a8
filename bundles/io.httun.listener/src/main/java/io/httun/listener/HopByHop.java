// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http2.HttpConversionUtil.ExtensionHeaderNames;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Hop-by-hop headers (RFC 9110 section 7.6). */
final class HopByHop {
    private static final Set<String> NAMES = Stream.concat(
                    Stream.of(
                            "connection",
                            "proxy-connection",
                            "keep-alive",
                            "proxy-authenticate",
                            "proxy-authorization",
                            "proxy-authentication-info",
                            "te",
                            "transfer-encoding",
                            "upgrade",
                            // Written anew from the parsed framing and target.
                            "content-length",
                            "host",
                            "via"),
                    Arrays.stream(ExtensionHeaderNames.values())
                            .map(name -> name.text().toString()))
            .collect(Collectors.toUnmodifiableSet());

    /**
     * {@code Connection} must not remove these: the target would understand another message than this proxy, or see
     * another user's data (RFC 9110 section 7.6.1).
     */
    private static final Set<String> FOR_ALL = Set.of(
            "authorization",
            "cache-control",
            "content-encoding",
            "content-length",
            "content-range",
            "content-type",
            "cookie",
            "expect",
            "forwarded",
            "host",
            "max-forwards",
            "range",
            "set-cookie",
            "transfer-encoding",
            "via",
            "x-forwarded-for");

    private HopByHop() {}

    /** Copies the end-to-end headers. */
    static void copyRest(HttpHeaders from, HttpHeaders to) {
        Set<String> named = named(from);
        for (Map.Entry<String, String> header : from) {
            String name = header.getKey().toLowerCase(Locale.ROOT);
            if (!NAMES.contains(name) && !named.contains(name)) {
                to.add(header.getKey(), header.getValue());
            }
        }
    }

    private static Set<String> named(HttpHeaders headers) {
        return Stream.of(headers.getAll(HttpHeaderNames.CONNECTION), headers.getAll("proxy-connection"))
                .flatMap(List::stream)
                .flatMap(value -> Arrays.stream(value.split(",")))
                .map(name -> name.strip().toLowerCase(Locale.ROOT))
                .filter(name -> !FOR_ALL.contains(name))
                .collect(Collectors.toSet());
    }

    /**
     * Value of {@code Via}: the received one and this proxy.
     *
     * @param stream whether the message arrived by HTTP/2
     */
    static String via(HttpMessage message, boolean stream, String pseudonym) {
        HttpVersion version = message.protocolVersion();
        String own = (stream ? "2.0" : version.majorVersion() + "." + version.minorVersion()) + ' ' + pseudonym;
        List<String> path = new ArrayList<>(message.headers().getAll(HttpHeaderNames.VIA));
        path.add(own);
        return String.join(", ", path);
    }

    /** Whether the message has already passed this proxy. */
    static boolean hasPassed(HttpMessage message, String pseudonym) {
        return message.headers().getAll(HttpHeaderNames.VIA).stream().anyMatch(via -> via.contains(' ' + pseudonym));
    }
}
