// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.target.Target;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http2.HttpConversionUtil.ExtensionHeaderNames;
import java.util.Optional;

/**
 * The target of a plain {@code http://} request.
 *
 * @param path request target in the forwarded request line
 * @param authority value of {@code Host}
 */
record ForwardTarget(Target target, String path, String authority) {
    private static final String SCHEME = "http://";
    private static final int PORT = 80;

    /** @param stream whether the parts are pseudo-headers of HTTP/2 and not an absolute URI */
    static Optional<ForwardTarget> of(HttpRequest request, boolean stream) {
        String whole = stream ? ofStream(request) : request.uri();
        // A fragment is for the client alone (RFC 9110 section 4.2.5).
        int fragment = whole.indexOf('#');
        String uri = fragment < 0 ? whole : whole.substring(0, fragment);
        if (!uri.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return Optional.empty();
        }
        int end = SCHEME.length();
        while (end < uri.length() && uri.charAt(end) != '/' && uri.charAt(end) != '?') {
            end++;
        }
        // A user in the URL is not part of the request; curl and browsers send it as a header (RFC 9110 section
        // 4.2.4).
        String withUser = uri.substring(SCHEME.length(), end);
        String authority = withUser.substring(withUser.lastIndexOf('@') + 1);
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
