// SPDX-License-Identifier: Apache-2.0
package io.httun.erltunnel;

import static io.httun.api.config.StrictConfig.range;

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

/**
 * A server's configuration, checked.
 *
 * @param credentials empty where nobody has to log in
 */
record ServerSettings(
        RelaySettings relay,
        InetSocketAddress bind,
        SourceList sources,
        Optional<BasicCredentials> credentials,
        int idleSeconds) {

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
                        config.basic_auth_file().isEmpty()
                                ? Optional.empty()
                                : Optional.of(BasicCredentials.read("basic.auth.file", config.basic_auth_file())),
                        range("idle.seconds", config.idle_seconds(), 10, 86_400)));
    }

    /** @param authorization value of the header; empty where there is none */
    boolean mayUse(String authorization) {
        return credentials.map(wanted -> wanted.matches(authorization)).orElse(true);
    }
}
