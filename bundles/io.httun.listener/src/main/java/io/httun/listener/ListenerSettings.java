// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.config.ConfigException;
import io.httun.api.config.StrictConfig;
import io.httun.api.relay.RelayPolicy;
import io.httun.api.relay.RelaySettings;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What every kind of listener has, checked.
 *
 * @param users empty where nobody has to log in
 */
record ListenerSettings(
        String name,
        InetSocketAddress bind,
        boolean bindFallback,
        List<String> filters,
        int connectionsMax,
        int negotiationSeconds,
        int idleSeconds,
        Optional<Users> users) {
    private static final int MAX_PORT = 0xffff;
    private static final int DAY = 86_400;

    ListenerSettings {
        if (name.isEmpty()) {
            throw new ConfigException("name", name, "must not be empty");
        }
        filters = List.copyOf(filters);
        StrictConfig.range("connections.max", connectionsMax, 1, 1_000_000);
        StrictConfig.range("negotiation.seconds", negotiationSeconds, 1, 600);
        StrictConfig.range("idle.seconds", idleSeconds, 0, DAY);
    }

    /** What the engine has to know of it. */
    RelaySettings relay() {
        RelayPolicy policy = RelayPolicy.parse("policy", idleSeconds == 0 ? "idle=none" : "idle=" + idleSeconds + "s");
        return new RelaySettings(name, filters, connectionsMax, policy, Map.of());
    }

    static ListenerSettings socks(Map<String, ?> properties) {
        return StrictConfig.read(
                SocksConfig.class,
                properties,
                config -> new ListenerSettings(
                        config.name(),
                        parseBind(config.bind()),
                        config.bind_fallback(),
                        List.of(config.filters()),
                        config.connections_max(),
                        config.negotiation_seconds(),
                        config.idle_seconds(),
                        Users.read(config.users_file())));
    }

    static ListenerSettings connect(Map<String, ?> properties) {
        return StrictConfig.read(
                ConnectConfig.class,
                properties,
                config -> new ListenerSettings(
                        config.name(),
                        parseBind(config.bind()),
                        config.bind_fallback(),
                        List.of(config.filters()),
                        config.connections_max(),
                        config.negotiation_seconds(),
                        config.idle_seconds(),
                        Users.read(config.users_file())));
    }

    static InetSocketAddress parseBind(String text) {
        int colon = text.lastIndexOf(':');
        String port = text.substring(colon + 1);
        if (colon > 0 && port.matches("[0-9]{1,5}") && Integer.parseInt(port) <= MAX_PORT) {
            String host = text.substring(0, colon);
            boolean brackets = host.startsWith("[") && host.endsWith("]");
            String plain = brackets ? host.substring(1, host.length() - 1) : host;
            if (plain.equals("*")) {
                return new InetSocketAddress(Integer.parseInt(port));
            }
            InetAddress address = plain.equals("localhost")
                    ? NetUtil.LOCALHOST4
                    : NetUtil.createInetAddressFromIpAddressString(plain);
            if (address != null && brackets == (plain.indexOf(':') >= 0)) {
                return new InetSocketAddress(address, Integer.parseInt(port));
            }
        }
        throw new ConfigException(
                "bind", text, "must be ADDRESS:PORT such as 127.0.0.1:1080, [::1]:1080 or *:1080, port 0 to 65535");
    }
}
