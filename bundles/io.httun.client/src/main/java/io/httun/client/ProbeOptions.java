// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.config.ConfigException;
import io.httun.api.proxy.SingleProxyFactory.Login;
import io.httun.toolkit.config.SecretFile;
import java.util.Map;
import java.util.Optional;

/**
 * The options of {@code httun probe}.
 *
 * @param proxy null for the environment's, empty for none
 * @param login file with the login for that proxy; empty for none
 */
record ProbeOptions(String trust, boolean idle, boolean json, String proxy, String login) {
    /** @throws ConfigException if an option lacks its value */
    static ProbeOptions of(String... words) {
        ProbeOptions options = new ProbeOptions("system", false, false, null, "");
        for (int i = 0; i < words.length; i++) {
            boolean last = i + 1 == words.length;
            options = switch (words[i]) {
                case "--idle" -> new ProbeOptions(options.trust, true, options.json, options.proxy, options.login);
                case "--json" -> new ProbeOptions(options.trust, options.idle, true, options.proxy, options.login);
                default -> options.with(words[i], last ? null : words[++i]);
            };
        }
        return options;
    }

    private ProbeOptions with(String name, String value) {
        if (value == null) {
            throw new ConfigException(name + " needs a value");
        }
        return switch (name) {
            case "--trust" -> new ProbeOptions(value, idle, json, proxy, login);
            case "--proxy" -> new ProbeOptions(trust, idle, json, value, login);
            case "--proxy-login" -> new ProbeOptions(trust, idle, json, proxy, value);
            default -> throw new ConfigException("there is no option " + name);
        };
    }

    /** The proxy for a server. @throws ConfigException if the URL or the login is wrong */
    Optional<ProxyEnvironment.Proxy> proxyFor(ServerUrl server, Map<String, String> environment) {
        Optional<ProxyEnvironment.Proxy> found = proxy == null
                ? new ProxyEnvironment(environment).proxyFor(server)
                : Optional.of(proxy).filter(url -> !url.isEmpty()).map(url -> ProxyEnvironment.parse("--proxy", url));
        return found.map(
                way -> login.isEmpty() ? way : new ProxyEnvironment.Proxy(way.url(), Optional.of(readLogin())));
    }

    private Login readLogin() {
        String line = SecretFile.readLines("--proxy-login", login).get(0);
        int colon = line.indexOf(':');
        if (colon < 1) {
            throw new ConfigException("--proxy-login", login, "must hold one line user:password");
        }
        return new Login(line.substring(0, colon), line.substring(colon + 1));
    }
}
