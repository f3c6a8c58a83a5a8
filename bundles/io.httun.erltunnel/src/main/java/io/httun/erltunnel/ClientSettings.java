// SPDX-License-Identifier: Apache-2.0
package io.httun.erltunnel;

import static io.httun.api.config.StrictConfig.range;

import io.httun.api.carried.CarriedConnector;
import io.httun.api.carried.HttpRoute;
import io.httun.api.config.ConfigException;
import io.httun.api.config.StrictConfig;
import java.util.Map;

/** A client's configuration, checked. */
record ClientSettings(String name, HttpRoute route, int connectSeconds, int answerSeconds)
        implements CarriedConnector.Settings {
    ClientSettings {
        if (name.isEmpty()) {
            throw new ConfigException("name", name, "must not be empty");
        }
    }

    static ClientSettings read(Map<String, ?> properties) {
        return StrictConfig.read(
                ClientConfig.class,
                properties,
                config -> new ClientSettings(
                        config.name(),
                        HttpRoute.of(
                                config.server(), config.proxy(), config.basic_auth_file(), config.proxy_auth_file()),
                        range("connect.seconds", config.connect_seconds(), 1, 600),
                        range("answer.seconds", config.answer_seconds(), 1, 600)));
    }
}
