// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.config.ConfigException;
import io.httun.api.config.StrictConfig;
import io.httun.api.target.Target;
import io.httun.api.tls.ClientTls;
import io.httun.listener.tls.ServerTls;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a port listener has: the common part, and the one target.
 *
 * @param targetTls empty where the target is spoken to in clear
 */
record PortSettings(ListenerSettings common, Target target, Optional<ClientTls> targetTls) implements KindSettings {
    /** For the handshake: a fixed target needs no negotiation. */
    private static final int HANDSHAKE_SECONDS = 10;

    static PortSettings read(Map<String, ?> properties) {
        return StrictConfig.read(PortConfig.class, properties, config -> {
            Target target = target(config.target());
            return new PortSettings(
                    new ListenerSettings(
                            ListenerSettings.parseBind(config.bind()),
                            config.bind_fallback(),
                            ListenerSettings.relay(
                                    config.name(), config.filters(), config.connections_max(), config.policy()),
                            HANDSHAKE_SECONDS,
                            Optional.empty(),
                            ServerTls.of(new ServerTls.Settings(
                                    config.tls_certificate_file(),
                                    config.tls_key_file(),
                                    config.tls_password_file(),
                                    config.tls_client_ca_file(),
                                    config.tls_client_required(),
                                    List.of())),
                            config.proxy_protocol()),
                    target,
                    config.target_tls() ? Optional.of(tls(config, target)) : Optional.empty());
        });
    }

    private static ClientTls tls(PortConfig config, Target target) {
        String name = config.target_tls_name().isEmpty() ? target.host() : config.target_tls_name();
        return ClientTls.of("target.tls", name, config.target_tls_trust(), config.target_tls_pin());
    }

    private static Target target(String text) {
        try {
            return Target.parse(text);
        } catch (IllegalArgumentException e) {
            throw new ConfigException("target", text, e.getMessage());
        }
    }
}
