// SPDX-License-Identifier: Apache-2.0
package io.httun.gnuhttptunnel;

import static io.httun.api.config.StrictConfig.range;

import io.httun.api.carried.CarriedServer;
import io.httun.api.carried.PortServer;
import io.httun.api.carried.ServerPort;
import io.httun.api.carried.SourceList;
import io.httun.api.config.BasicCredentials;
import io.httun.api.config.StrictConfig;
import io.httun.api.relay.RelayPolicy;
import io.httun.api.relay.RelaySettings;
import io.httun.api.target.Target;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A server's configuration, checked. */
record ServerSettings(
        RelaySettings relay,
        InetSocketAddress bind,
        Target target,
        SourceList sources,
        Optional<BasicCredentials> credentials,
        long contentLength,
        int pairSeconds,
        int idleSeconds)
        implements PortServer.Settings {

    static ServerSettings read(Map<String, ?> properties) {
        return StrictConfig.read(
                ServerConfig.class,
                properties,
                config -> new ServerSettings(
                        new RelaySettings(
                                config.name(),
                                List.of(config.filters()),
                                config.connections_max(),
                                RelayPolicy.parse("policy", config.policy()),
                                Map.of()),
                        ServerPort.parse(config.bind()),
                        ClientSettings.target(config.target()),
                        SourceList.parse("sources", List.of(config.sources())),
                        CarriedServer.Settings.credentials(config.basic_auth_file()),
                        range("content.length", config.content_length(), 100, ClientSettings.MAX_LENGTH),
                        range("pair.seconds", config.pair_seconds(), 1, 600),
                        range("idle.seconds", config.idle_seconds(), 10, 86_400)));
    }
}
