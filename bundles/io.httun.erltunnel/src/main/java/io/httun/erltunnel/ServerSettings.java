// SPDX-License-Identifier: Apache-2.0
package io.httun.erltunnel;

import static io.httun.api.config.StrictConfig.range;

import io.httun.api.carried.CarriedServer;
import io.httun.api.carried.PortServer;
import io.httun.api.carried.ServerPort;
import io.httun.api.carried.SourceList;
import io.httun.api.config.BasicCredentials;
import io.httun.api.config.StrictConfig;
import io.httun.api.relay.RelayPolicy;
import io.httun.api.relay.RelaySettings;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A server's configuration, checked. */
record ServerSettings(
        RelaySettings relay,
        InetSocketAddress bind,
        SourceList sources,
        Optional<BasicCredentials> credentials,
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
                        SourceList.parse("sources", List.of(config.sources())),
                        CarriedServer.Settings.credentials(config.basic_auth_file()),
                        range("idle.seconds", config.idle_seconds(), 10, 86_400)));
    }
}
