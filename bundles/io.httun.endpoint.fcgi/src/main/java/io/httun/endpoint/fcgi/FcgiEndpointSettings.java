// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.fcgi;

import io.httun.api.config.ConfigException;
import io.httun.api.config.StrictConfig;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

record FcgiEndpointSettings(
        String name,
        List<ListenAddress> listen,
        SocketAccess access,
        Peers peers,
        String path,
        int connectionsMax,
        int requestsMax,
        int receiveTimeoutSeconds) {
    private static final int MOST = 1_000_000;
    private static final int HOUR = 3600;
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

    static FcgiEndpointSettings read(Map<String, ?> properties) {
        return StrictConfig.read(FcgiEndpointConfig.class, properties, FcgiEndpointSettings::of);
    }

    private static FcgiEndpointSettings of(FcgiEndpointConfig config) {
        return new FcgiEndpointSettings(
                config.name(),
                Arrays.stream(config.listen()).map(ListenAddress::parse).toList(),
                SocketAccess.parse(config.socket_owner(), config.socket_mode()),
                Peers.parse(config.peers()),
                config.path(),
                config.connections_max(),
                config.requests_max(),
                config.receive_timeout_seconds());
    }
}
