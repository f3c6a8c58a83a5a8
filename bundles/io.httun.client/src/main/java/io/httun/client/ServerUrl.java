// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.config.ConfigException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/**
 * The URL of a server.
 *
 * @param host name or address literal, without brackets
 * @param base path prefix without final slash; empty for none
 */
record ServerUrl(boolean tls, String host, int port, String base) {
    private static final int HTTP = 80;
    private static final int HTTPS = 443;
    private static final int MAX_PORT = 65_535;
    private static final String EXPECTED = "must be http://HOST[:PORT][/PATH] or https://..., without user, ? and #";

    static ServerUrl parse(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            throw new ConfigException("urls", text, EXPECTED);
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        boolean tls = scheme.equals("https");
        boolean known = tls || scheme.equals("http");
        if (!known || uri.getHost() == null || uri.getUserInfo() != null) {
            throw new ConfigException("urls", withoutUser(text), EXPECTED);
        }
        if (uri.getQuery() != null || uri.getFragment() != null || uri.getPort() == 0 || uri.getPort() > MAX_PORT) {
            throw new ConfigException("urls", text, EXPECTED);
        }
        String host = uri.getHost().startsWith("[")
                ? uri.getHost().substring(1, uri.getHost().length() - 1)
                : uri.getHost();
        int port = uri.getPort() < 0 ? tls ? HTTPS : HTTP : uri.getPort();
        return new ServerUrl(tls, host, port, uri.getRawPath().replaceAll("/+$", ""));
    }

    private static String withoutUser(String text) {
        return text.replaceAll("//[^/@]*@", "//***@");
    }

    /** Returns the value of the host header: with the port unless it is the scheme's default. */
    String authority() {
        String literal = host.indexOf(':') >= 0 ? '[' + host + ']' : host;
        return port == (tls ? HTTPS : HTTP) ? literal : literal + ':' + port;
    }

    String origin() {
        return (tls ? "https://" : "http://") + authority();
    }

    @Override
    public String toString() {
        return origin() + base;
    }
}
