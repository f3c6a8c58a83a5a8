// SPDX-License-Identifier: Apache-2.0
package io.httun.erltunnel;

import static io.httun.toolkit.config.StrictConfig.range;

import io.httun.api.relay.RelaySettings;
import io.httun.toolkit.carried.CarriedServer;
import io.httun.toolkit.carried.PortServer;
import io.httun.toolkit.config.BasicCredentials;
import io.httun.toolkit.config.RelayPolicies;
import io.httun.toolkit.config.StrictConfig;
import io.httun.toolkit.net.NetworkSet;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A server's configuration, checked. */
record ErltunnelServerSettings(
        RelaySettings relay,
        InetSocketAddress bind,
        NetworkSet sources,
        Optional<BasicCredentials> credentials,
        int idleSeconds)
        implements PortServer.Settings {

    static ErltunnelServerSettings read(Map<String, ?> properties) {
        return StrictConfig.read(
                ErltunnelServerConfig.class,
                properties,
                config -> new ErltunnelServerSettings(
                        new RelaySettings(
                                config.name(),
                                List.of(config.filters()),
                                config.connections_max(),
                                RelayPolicies.parse("policy", config.policy()),
                                Map.of()),
                        PortServer.parseBind(config.bind()),
                        NetworkSet.required("sources", List.of(config.sources())),
                        CarriedServer.Settings.credentials(config.basic_auth_file()),
                        range("idle.seconds", config.idle_seconds(), 10, 86_400)));
    }
}
