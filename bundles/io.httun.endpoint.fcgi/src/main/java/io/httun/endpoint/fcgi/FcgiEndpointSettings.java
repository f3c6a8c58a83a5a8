// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.fcgi;

import io.httun.api.config.ConfigException;
import io.httun.toolkit.config.StrictConfig;
import io.httun.toolkit.listen.ListenAddress;
import io.httun.toolkit.listen.SocketAccess;
import io.httun.toolkit.net.NetworkSet;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

record FcgiEndpointSettings(
        String name,
        List<ListenAddress> listen,
        SocketAccess access,
        NetworkSet peers,
        String path,
        int connectionsMax,
        int requestsMax,
        int receiveTimeoutSeconds) {
    private static final int MOST = 1_000_000;
    private static final int HOUR = 3600;
    private static final String ADDRESS =
            "must be ADDRESS:PORT such as 127.0.0.1:9000, [::1]:9000 or unix:/run/httun.sock";
    private static final Pattern PATH = Pattern.compile("(/[A-Za-z0-9_-]+)*");

    FcgiEndpointSettings {
        if (listen.isEmpty() || listen.stream().distinct().count() < listen.size()) {
            throw new ConfigException("listen", listen, "must name at least one address, each once");
        }
        if (!PATH.matcher(path).matches()) {
            throw new ConfigException("path", path, "must be empty or like /httun, of letters, digits, '-' and '_'");
        }
        StrictConfig.range("connections.max", connectionsMax, 1, MOST);
        StrictConfig.range("requests.max", requestsMax, 1, MOST);
        StrictConfig.range("receive.timeout.seconds", receiveTimeoutSeconds, 1, HOUR);
    }

    private static ListenAddress address(String text) {
        ListenAddress address = ListenAddress.parse("listen", text, ADDRESS);
        if (address.tls()) {
            throw new ConfigException("listen", text, ADDRESS);
        }
        return address;
    }

    static FcgiEndpointSettings read(Map<String, ?> properties) {
        return StrictConfig.read(FcgiEndpointConfig.class, properties, FcgiEndpointSettings::of);
    }

    private static FcgiEndpointSettings of(FcgiEndpointConfig config) {
        return new FcgiEndpointSettings(
                config.name(),
                Arrays.stream(config.listen())
                        .map(FcgiEndpointSettings::address)
                        .toList(),
                SocketAccess.parse(config.socket_owner(), config.socket_mode()),
                NetworkSet.parse("peers", List.of(config.peers())),
                config.path(),
                config.connections_max(),
                config.requests_max(),
                config.receive_timeout_seconds());
    }
}
