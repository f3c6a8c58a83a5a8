// SPDX-License-Identifier: Apache-2.0
package io.httun.web;

import java.util.Locale;
import java.util.regex.Pattern;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

/** What a request has to be before anybody looks at what it asks for. */
final class RequestChecks {
    private static final int MISDIRECTED = 421;
    private static final Pattern PORT = Pattern.compile(":[0-9]*$");
    private static final Pattern ADDRESS = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}|\\[[0-9a-f:.]+]");

    private RequestChecks() {}

    /**
     * Refuses requests for another host's name: a page of a stranger whose name leads here (DNS rebinding) would be of the same origin as
     * ours to the browser.
     */
    static void host(HttpServletRequest request, WebSettings settings) {
        String host = PORT.matcher(host(request)).replaceFirst("").toLowerCase(Locale.ROOT);
        if (!ADDRESS.matcher(host).matches() && !settings.hosts().contains(host)) {
            throw new PageError(
                    MISDIRECTED,
                    "This host is not known by that name; use its address, or add the name to hosts in"
                            + " etc/io.httun.web.cfg");
        }
    }

    private static String host(HttpServletRequest request) {
        String host = request.getHeader("Host");
        return host == null ? "" : host;
    }

    /** Refuses what a page of another origin sends. Browsers name the origin of every POST (Fetch standard, section 3.1). */
    static void origin(HttpServletRequest request) {
        String own = request.getScheme() + "://" + host(request);
        if (!own.equalsIgnoreCase(request.getHeader("Origin"))) {
            throw new PageError(HttpServletResponse.SC_FORBIDDEN, "The request does not come from the page");
        }
    }

    /** Refuses what does not bring the token of the session along. */
    static void csrf(HttpServletRequest request, PageSession session) {
        String token = request.getHeader("X-Csrf-Token");
        if (token == null || !Secrets.same(session.csrf(), token)) {
            throw new PageError(HttpServletResponse.SC_FORBIDDEN, "The request lacks the token of the page; reload it");
        }
    }
}
