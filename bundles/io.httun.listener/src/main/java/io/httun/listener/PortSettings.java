// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.config.ConfigException;
import io.httun.api.target.Target;
import io.httun.listener.ListenerSettings.DatagramFlows;
import io.httun.toolkit.config.StrictConfig;
import io.httun.toolkit.tls.ClientTls;
import io.httun.toolkit.tls.ServerTls;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The settings of a port listener.
 *
 * @param targetTls empty for plain TCP to the target
 * @param targetTlsName the target's name for SNI and certificate check
 */
record PortSettings(ListenerSettings common, Target target, Optional<ClientTls> targetTls, String targetTlsName)
        implements ListenerKindSettings {
    /** The TLS handshake with the target: a fixed target needs no other negotiation. */
    private static final int HANDSHAKE_SECONDS = 10;

    private static final String UDP = "udp:";

    static PortSettings read(Map<String, ?> properties) {
        return StrictConfig.read(PortConfig.class, properties, config -> {
            Target target = target(config.target());
            boolean udp = isUdp(config);
            return new PortSettings(
                    new ListenerSettings(
                            ListenerSettings.parseBind(bare(config.bind())),
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
                                    "jdk",
                                    List.of())),
                            ListenerSettings.proxySenders(
                                    config.bind(), config.proxy_protocol(), config.proxy_protocol_from()),
                            udp ? Optional.of(new DatagramFlows(target, config.udp_idle_seconds())) : Optional.empty(),
                            false),
                    target,
                    config.target_tls()
                            ? Optional.of(
                                    ClientTls.of("target.tls", config.target_tls_trust(), config.target_tls_pin()))
                            : Optional.empty(),
                    config.target_tls_name().isEmpty() ? target.host() : config.target_tls_name());
        });
    }

    /** UDP excludes TLS and the PROXY protocol. */
    private static boolean isUdp(PortConfig config) {
        boolean udp = config.bind().startsWith(UDP);
        if (udp != config.target().startsWith(UDP)) {
            throw new ConfigException("target", config.target(), "must begin with udp: if and only if bind does");
        } else if (udp && (!config.tls_certificate_file().isEmpty() || config.target_tls())) {
            throw new ConfigException(
                    "bind", config.bind(), "is a UDP port, which supports no TLS; remove the TLS properties");
        } else if (udp && config.proxy_protocol()) {
            throw new ConfigException("proxy.protocol", true, "needs TCP, but bind = " + config.bind());
        }
        return udp;
    }

    private static String bare(String address) {
        return address.startsWith(UDP) ? address.substring(UDP.length()) : address;
    }

    private static Target target(String text) {
        try {
            return Target.parse(bare(text));
        } catch (IllegalArgumentException e) {
            throw new ConfigException("target", text, e.getMessage());
        }
    }
}
