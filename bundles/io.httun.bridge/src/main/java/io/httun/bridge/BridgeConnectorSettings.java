// SPDX-License-Identifier: Apache-2.0
package io.httun.bridge;

import static io.httun.toolkit.config.StrictConfig.range;

import io.httun.api.config.ConfigException;
import io.httun.toolkit.carried.CarriedClient;
import io.httun.toolkit.carried.HttpRoute;
import io.httun.toolkit.config.StrictConfig;
import java.util.Map;

/** A client's configuration, checked. */
record BridgeConnectorSettings(String name, HttpRoute route, String path, int connectSeconds, int answerSeconds)
        implements CarriedClient.Settings {
    BridgeConnectorSettings {
        if (name.isEmpty()) {
            throw new ConfigException("name", name, "must not be empty");
        }
        if (!path.matches("(/[A-Za-z0-9._~%-]+)*")) {
            throw new ConfigException("path", path, "must begin with / and not end with it, such as /httun/bridge");
        }
    }

    static BridgeConnectorSettings read(Map<String, ?> properties) {
        return StrictConfig.read(
                BridgeConnectorConfig.class,
                properties,
                config -> new BridgeConnectorSettings(
                        config.name(),
                        HttpRoute.of(
                                config.server(),
                                config.proxy(),
                                config.basic_auth_file(),
                                config.proxy_auth_file(),
                                config.tls_trust(),
                                config.tls_pin()),
                        config.path(),
                        range("connect.seconds", config.connect_seconds(), 1, 600),
                        range("answer.seconds", config.answer_seconds(), 1, 600)));
    }
}
