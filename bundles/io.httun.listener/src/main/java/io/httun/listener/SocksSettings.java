// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.toolkit.config.StrictConfig;
import io.httun.toolkit.login.Logins;
import java.util.Map;
import java.util.Optional;

/** The settings of a SOCKS listener. */
record SocksSettings(ListenerSettings common, boolean udp) implements ListenerKindSettings {
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
                                ListenerSettings.proxySenders(
                                        config.bind(), config.proxy_protocol(), config.proxy_protocol_from()),
                                Optional.empty(),
                                config.optimistic()),
                        config.udp()));
    }
}
