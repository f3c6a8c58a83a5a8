// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.toolkit.config.StrictConfig;
import io.httun.toolkit.login.Logins;
import io.httun.toolkit.tls.ServerTls;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The settings of an HTTP proxy.
 *
 * @param ports allowed ports of CONNECT
 * @param forwardPorts allowed ports of plain {@code http://} requests
 * @param forward whether to serve plain {@code http://} requests
 * @param forwardUpgrade whether such a request may switch protocols
 */
record ConnectSettings(
        ListenerSettings common, PortSet ports, PortSet forwardPorts, boolean forward, boolean forwardUpgrade)
        implements ListenerKindSettings {
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
                            "jdk",
                            PROTOCOLS)),
                    ListenerSettings.proxySenders(config.bind(), config.proxy_protocol(), config.proxy_protocol_from()),
                    Optional.empty(),
                    config.optimistic());
            return new ConnectSettings(
                    common,
                    PortSet.parse(
                            "connect.ports",
                            config.connect_ports(),
                            common.isOpenToOthers() ? PortSet.TUNNELLED : PortSet.ALL),
                    PortSet.parse("forward.ports", config.forward_ports(), PortSet.FORWARDED),
                    config.forward(),
                    config.forward_upgrade());
        });
    }
}
