// SPDX-License-Identifier: Apache-2.0
package io.httun.web;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.servlet.http.Cookie;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

/** The cookie with a session's secret. Servlets before 5.0 know no SameSite, so the header is written here (RFC 6265bis section 4.1). */
final class PageCookie {
    private static final String NAME = "httun-page";

    private PageCookie() {}

    static Optional<String> secret(HttpServletRequest request) {
        return Stream.ofNullable(request.getCookies())
                .flatMap(Stream::of)
                .filter(cookie -> cookie.getName().equals(NAME))
                .map(Cookie::getValue)
                .findFirst();
    }

    static void set(HttpServletRequest request, HttpServletResponse response, String secret) {
        write(request, response, secret, TimeUnit.NANOSECONDS.toSeconds(PageSessions.AGE_NANOS));
    }

    static void remove(HttpServletRequest request, HttpServletResponse response) {
        write(request, response, "", 0);
    }

    private static void write(HttpServletRequest request, HttpServletResponse response, String value, long seconds) {
        response.setHeader(
                "Set-Cookie",
                NAME + "=" + value + "; Path=" + request.getContextPath() + request.getServletPath() + "; Max-Age="
                        + seconds + "; HttpOnly; SameSite=Strict" + (request.isSecure() ? "; Secure" : ""));
    }
}
