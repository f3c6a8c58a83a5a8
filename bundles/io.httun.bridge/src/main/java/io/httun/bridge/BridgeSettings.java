// SPDX-License-Identifier: Apache-2.0
package io.httun.bridge;

import static io.httun.toolkit.config.StrictConfig.range;

import io.httun.api.config.ConfigException;
import io.httun.api.relay.RelaySettings;
import io.httun.toolkit.carried.CarriedServer;
import io.httun.toolkit.config.BasicCredentials;
import io.httun.toolkit.config.RelayPolicies;
import io.httun.toolkit.config.StrictConfig;
import io.httun.toolkit.net.NetworkSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A server's configuration, checked. */
record BridgeSettings(
        RelaySettings relay,
        String path,
        NetworkSet sources,
        Optional<BasicCredentials> credentials,
        int waitSeconds,
        int idleSeconds)
        implements CarriedServer.Settings {

    BridgeSettings {
        if (!path.matches("(/[A-Za-z0-9._~-]+)+")) {
            throw new ConfigException("path", path, "must begin with / and not end with it, such as /bridge");
        }
    }

    static BridgeSettings read(Map<String, ?> properties) {
        return StrictConfig.read(
                BridgeConfig.class,
                properties,
                config -> new BridgeSettings(
                        new RelaySettings(
                                config.name(),
                                List.of(config.filters()),
                                config.connections_max(),
                                RelayPolicies.parse("policy", config.policy()),
                                Map.of()),
                        config.path(),
                        NetworkSet.required("sources", List.of(config.sources())),
                        CarriedServer.Settings.credentials(config.basic_auth_file()),
                        range("wait.seconds", config.wait_seconds(), 1, 25),
                        range("idle.seconds", config.idle_seconds(), 10, 86_400)));
    }
}
