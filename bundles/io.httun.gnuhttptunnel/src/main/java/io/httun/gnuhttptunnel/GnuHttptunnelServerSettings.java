// SPDX-License-Identifier: Apache-2.0
package io.httun.gnuhttptunnel;

import static io.httun.toolkit.config.StrictConfig.range;

import io.httun.api.relay.RelaySettings;
import io.httun.api.target.Target;
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
record GnuHttptunnelServerSettings(
        RelaySettings relay,
        InetSocketAddress bind,
        Target target,
        NetworkSet sources,
        Optional<BasicCredentials> credentials,
        long contentLength,
        int pairSeconds,
        int idleSeconds)
        implements PortServer.Settings {

    static GnuHttptunnelServerSettings read(Map<String, ?> properties) {
        return StrictConfig.read(
                GnuHttptunnelServerConfig.class,
                properties,
                config -> new GnuHttptunnelServerSettings(
                        new RelaySettings(
                                config.name(),
                                List.of(config.filters()),
                                config.connections_max(),
                                RelayPolicies.parse("policy", config.policy()),
                                Map.of()),
                        PortServer.parseBind(config.bind()),
                        GnuHttptunnelConnectorSettings.target(config.target()),
                        NetworkSet.required("sources", List.of(config.sources())),
                        CarriedServer.Settings.credentials(config.basic_auth_file()),
                        range(
                                "content.length",
                                config.content_length(),
                                100,
                                GnuHttptunnelConnectorSettings.MAX_LENGTH),
                        range("pair.seconds", config.pair_seconds(), 1, 600),
                        range("idle.seconds", config.idle_seconds(), 10, 86_400)));
    }
}
