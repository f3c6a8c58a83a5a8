// SPDX-License-Identifier: Apache-2.0
package io.httun.erltunnel;

import static io.httun.toolkit.config.StrictConfig.range;

import io.httun.api.config.ConfigException;
import io.httun.toolkit.carried.CarriedClient;
import io.httun.toolkit.carried.HttpRoute;
import io.httun.toolkit.config.StrictConfig;
import java.util.Map;

/** A client's configuration, checked. */
record ErltunnelConnectorSettings(String name, HttpRoute route, int connectSeconds, int answerSeconds)
        implements CarriedClient.Settings {
    ErltunnelConnectorSettings {
        if (name.isEmpty()) {
            throw new ConfigException("name", name, "must not be empty");
        }
    }

    static ErltunnelConnectorSettings read(Map<String, ?> properties) {
        return StrictConfig.read(
                ErltunnelConnectorConfig.class,
                properties,
                config -> new ErltunnelConnectorSettings(
                        config.name(),
                        HttpRoute.of(
                                config.server(), config.proxy(), config.basic_auth_file(), config.proxy_auth_file()),
                        range("connect.seconds", config.connect_seconds(), 1, 600),
                        range("answer.seconds", config.answer_seconds(), 1, 600)));
    }
}
