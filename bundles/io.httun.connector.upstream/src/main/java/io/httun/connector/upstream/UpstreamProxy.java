// SPDX-License-Identifier: Apache-2.0
package io.httun.connector.upstream;

import io.httun.api.config.ConfigException;
import io.httun.api.target.Target;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/** An upstream proxy, as configured. */
record UpstreamProxy(String name, Kind kind, boolean tls, Target address) {
    enum Kind {
        HTTP,
        SOCKS4A,
        SOCKS5
    }

    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;
    private static final int SOCKS_PORT = 1080;
    private static final String EXPECTED =
            "must be NAME=URL, URL one of http://HOST:PORT, https://HOST:PORT, socks4a://HOST:PORT and socks5://HOST:PORT";

    static UpstreamProxy parse(String text) {
        int equals = text.indexOf('=');
        String name = equals < 0 ? "" : text.substring(0, equals).strip();
        if (!name.matches("[A-Za-z0-9._-]+") || name.equals("direct") || name.equals("refuse") || name.equals("via")) {
            throw new ConfigException("proxies", withoutUser(text), EXPECTED);
        }
        URI uri;
        try {
            uri = new URI(text.substring(equals + 1).strip());
        } catch (URISyntaxException e) {
            throw new ConfigException("proxies", withoutUser(text), EXPECTED);
        }
        if (uri.getUserInfo() != null) {
            throw new ConfigException(
                    "proxies", withoutUser(text), "must hold no user or password; put them into credentials.file");
        }
        boolean more = uri.getQuery() != null || uri.getFragment() != null || !isEmpty(uri.getPath());
        if (uri.getHost() == null || uri.getScheme() == null || more) {
            throw new ConfigException("proxies", text, EXPECTED);
        }
        return switch (uri.getScheme().toLowerCase(Locale.ROOT)) {
            case "http" -> new UpstreamProxy(name, Kind.HTTP, false, address(text, uri, HTTP_PORT));
            case "https" -> new UpstreamProxy(name, Kind.HTTP, true, address(text, uri, HTTPS_PORT));
            case "socks4a" -> new UpstreamProxy(name, Kind.SOCKS4A, false, address(text, uri, SOCKS_PORT));
            case "socks5", "socks5h" -> new UpstreamProxy(name, Kind.SOCKS5, false, address(text, uri, SOCKS_PORT));
            default -> throw new ConfigException("proxies", text, EXPECTED);
        };
    }

    private static boolean isEmpty(String path) {
        return path == null || path.isEmpty() || path.equals("/");
    }

    private static Target address(String text, URI uri, int port) {
        try {
            return Target.of(uri.getHost(), uri.getPort() < 0 ? port : uri.getPort());
        } catch (IllegalArgumentException e) {
            throw new ConfigException("proxies", text, e.getMessage());
        }
    }

    private static String withoutUser(String text) {
        return text.replaceAll("//[^/@]*@", "//***@");
    }

    String scheme() {
        return tls ? "https" : kind.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public String toString() {
        return "proxy " + name + " (" + scheme() + "://" + address + ")";
    }
}
