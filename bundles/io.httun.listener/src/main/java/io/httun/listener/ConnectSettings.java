// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.config.StrictConfig;
import io.httun.listener.login.Logins;
import io.httun.listener.tls.ServerTls;
import java.util.List;
import java.util.Map;

/**
 * What an HTTP proxy has.
 *
 * @param ports that CONNECT may lead to
 * @param forward whether plain {@code http://} requests are served
 * @param forwardUpgrade whether such a request may change to another protocol
 */
record ConnectSettings(ListenerSettings common, PortSet ports, boolean forward, boolean forwardUpgrade)
        implements KindSettings {
    private static final List<String> PROTOCOLS = List.of("h2", "http/1.1");

    static ConnectSettings read(Map<String, ?> properties) {
        return StrictConfig.read(ConnectConfig.class, properties, config -> {
            ListenerSettings common = new ListenerSettings(
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
                    ServerTls.of(new ServerTls.Settings(
                            config.tls_certificate_file(),
                            config.tls_key_file(),
                            config.tls_password_file(),
                            config.tls_client_ca_file(),
                            config.tls_client_required(),
                            PROTOCOLS)),
                    config.proxy_protocol());
            return new ConnectSettings(
                    common,
                    PortSet.parse("connect.ports", config.connect_ports(), common.isOpenToOthers()),
                    config.forward(),
                    config.forward_upgrade());
        });
    }
}
