// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.config.ConfigException;
import io.httun.api.proxy.SingleProxyFactory.Login;
import io.httun.toolkit.net.Network;
import io.netty.util.NetUtil;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The proxy that the environment names for a server, read as curl reads it (curl(1), "ENVIRONMENT"). */
final class ProxyEnvironment {
    /**
     * A proxy.
     *
     * @param url without a login
     */
    record Proxy(String url, Optional<Login> login) {}

    /** curl's, for proxies without a port. */
    private static final int PORT = 1080;

    private static final int TLS_PORT = 443;
    private static final Pattern URL = Pattern.compile(
            "(?:([A-Za-z0-9]+)://)?(?:([^/@]*)@)?(\\[[0-9A-Fa-f:.]+]|[^/:@\\s\\[\\]]+)(?::([0-9]+))?/?");

    private final Map<String, String> environment;

    ProxyEnvironment(Map<String, String> environment) {
        this.environment = environment;
    }

    /** @throws ConfigException if the variable holds no URL of a proxy */
    Optional<Proxy> proxyFor(ServerUrl server) {
        // HTTP_PROXY in capitals may be a request's header where a CGI program is started.
        List<String> names = server.tls()
                ? List.of("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
                : List.of("http_proxy", "all_proxy", "ALL_PROXY");
        return names.stream()
                .filter(environment::containsKey)
                .findFirst()
                .filter(name -> !environment.get(name).isBlank() && !isExcepted(server.host()))
                .map(name -> parse(name, environment.get(name).strip()));
    }

    private boolean isExcepted(String host) {
        return Stream.of("no_proxy", "NO_PROXY").filter(environment::containsKey).findFirst().stream()
                .flatMap(name -> Arrays.stream(environment.get(name).split("[,\\s]+")))
                .anyMatch(entry -> excepts(entry, withoutDot(host)));
    }

    private static boolean excepts(String entry, String host) {
        if (entry.equals("*")) {
            return true;
        }
        byte[] address = NetUtil.createByteArrayFromIpAddressString(host);
        if (address != null) {
            return holds(entry.replaceAll("[\\[\\]]", ""), address);
        }
        String name = withoutDot(entry.startsWith(".") ? entry.substring(1) : entry);
        return !name.isEmpty() && (host.equals(name) || host.endsWith('.' + name));
    }

    private static boolean holds(String block, byte[] address) {
        try {
            int slash = block.indexOf('/');
            Network network = slash < 0
                    ? Network.parse(block)
                    : Network.parse(block, (first, length) -> Network.around(first, length));
            return network.contains(address, 0, address.length);
        } catch (IllegalArgumentException e) {
            // A name.
            return false;
        }
    }

    private static String withoutDot(String name) {
        return (name.endsWith(".") ? name.substring(0, name.length() - 1) : name).toLowerCase(Locale.ROOT);
    }

    /** @param source of the text, for messages, which do not show it: it may hold a password */
    static Proxy parse(String source, String text) {
        Matcher url = URL.matcher(text);
        if (!url.matches()) {
            throw new ConfigException(
                    source + " is no URL of a proxy: expected [SCHEME://][USER:PASSWORD@]HOST[:PORT]");
        }
        String scheme = url.group(1) == null ? "http" : url.group(1).toLowerCase(Locale.ROOT);
        String port = url.group(4) != null ? url.group(4) : String.valueOf(scheme.equals("https") ? TLS_PORT : PORT);
        String kind = scheme.equals("socks5h") ? "socks5" : scheme.equals("socks4") ? "socks4a" : scheme;
        return new Proxy(
                kind + "://" + url.group(3) + ':' + port,
                Optional.ofNullable(url.group(2)).map(user -> login(source, user)));
    }

    private static Login login(String source, String text) {
        int colon = text.indexOf(':');
        try {
            return new Login(
                    decoded(colon < 0 ? text : text.substring(0, colon)),
                    colon < 0 ? "" : decoded(text.substring(colon + 1)));
        } catch (IllegalArgumentException e) {
            throw new ConfigException(source + ": the login has a % without two hex digits");
        }
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }
}
