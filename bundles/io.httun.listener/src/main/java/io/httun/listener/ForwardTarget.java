// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.target.Target;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http2.HttpConversionUtil.ExtensionHeaderNames;
import java.util.Optional;

/**
 * Where a request for plain {@code http://} is to go.
 *
 * @param path what the target is to read in the request line
 * @param authority for its {@code Host} header
 */
record ForwardTarget(Target target, String path, String authority) {
    private static final String SCHEME = "http://";
    private static final int PORT = 80;

    /** @param stream whether the parts came as pseudo-headers of HTTP/2 rather than as one absolute URI */
    static Optional<ForwardTarget> of(HttpRequest request, boolean stream) {
        String uri = stream ? ofStream(request) : request.uri();
        if (!uri.regionMatches(true, 0, SCHEME, 0, SCHEME.length()) || uri.indexOf('#') >= 0) {
            return Optional.empty();
        }
        int end = SCHEME.length();
        while (end < uri.length() && uri.charAt(end) != '/' && uri.charAt(end) != '?') {
            end++;
        }
        String authority = uri.substring(SCHEME.length(), end);
        String rest = uri.substring(end);
        String path = rest.startsWith("/") ? rest : '/' + rest;
        if (rest.isEmpty() && request.method().equals(HttpMethod.OPTIONS)) {
            path = "*";
        }
        try {
            return Optional.of(new ForwardTarget(target(authority), path, authority));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String ofStream(HttpRequest request) {
        String scheme = request.headers().get(ExtensionHeaderNames.SCHEME.text(), "");
        String path = request.uri().equals("*") ? "" : request.uri();
        return scheme + "://" + request.headers().get(HttpHeaderNames.HOST, "") + path;
    }

    private static Target target(String authority) {
        boolean hasPort = authority.lastIndexOf(':') > authority.lastIndexOf(']');
        return hasPort ? Target.parse(authority) : Target.of(authority, PORT);
    }
}
