// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.config.StrictConfig;
import io.httun.listener.login.Logins;
import java.util.Map;
import java.util.Optional;

/** What a SOCKS listener has. */
record SocksSettings(ListenerSettings common, boolean udp) implements KindSettings {
    static SocksSettings read(Map<String, ?> properties) {
        return StrictConfig.read(
                SocksConfig.class,
                properties,
                config -> new SocksSettings(
                        new ListenerSettings(
                                ListenerSettings.parseBind(config.bind()),
                                config.bind_fallback(),
                                ListenerSettings.relay(
                                        config.name(),
                                        config.filters(),
                                        config.connections_max(),
                                        config.policy(),
                                        config.policy_users()),
                                config.negotiation_seconds(),
                                Logins.of(config.users_file(), config.users_realm()),
                                Optional.empty(),
                                config.proxy_protocol()),
                        config.udp()));
    }
}
