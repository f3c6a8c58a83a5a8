// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import io.httun.api.config.ConfigException;
import io.httun.api.tunnel.TunnelRequest;
import io.httun.toolkit.config.StrictConfig;
import io.httun.toolkit.listen.ListenAddress;
import io.httun.toolkit.listen.SocketAccess;
import io.httun.toolkit.tls.ServerTls;
import io.netty.handler.ssl.ApplicationProtocolNames;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** The configuration of one endpoint, checked as far as that needs no look at any file. */
record EndpointSettings(
        String name,
        Set<ListenAddress> listen,
        SocketAccess socket,
        String path,
        boolean http2,
        Optional<ServerTls.Settings> tls,
        Proxies proxies,
        List<String> extraHeaders,
        String site,
        Limits limits) {
    /** Counts, bytes and seconds. */
    record Limits(
            int connections,
            int perAddress,
            int head,
            int body,
            int headSeconds,
            int bodySeconds,
            int replySeconds,
            int idleSeconds) {
        Limits {
            StrictConfig.range("connections.max", connections, 1, 1_000_000);
            StrictConfig.range("connections.per.address", perAddress, 1, 1_000_000);
            StrictConfig.range("head.max", head, 1_024, 65_536);
            StrictConfig.range("body.max", body, 1_024, TunnelRequest.MAX_BODY);
            StrictConfig.range("head.seconds", headSeconds, 1, 600);
            StrictConfig.range("body.seconds", bodySeconds, 1, 600);
            StrictConfig.range("reply.seconds", replySeconds, 1, 600);
            StrictConfig.range("idle.seconds", idleSeconds, 1, 86_400);
        }
    }

    private static final String ADDRESS =
            "must be ADDRESS:PORT such as 127.0.0.1:8080, tls:*:8443 or unix:/run/httun.sock";
    private static final Pattern PATH = Pattern.compile("((/[A-Za-z0-9_-]+)+)?");
    private static final Pattern HEADER = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+: ?[ -~]*");
    private static final Set<String> OURS = Set.of("content-length", "transfer-encoding", "connection");

    /** @throws ConfigException if the configuration is wrong */
    static EndpointSettings read(Map<String, ?> properties) {
        return StrictConfig.read(NettyEndpointConfig.class, properties, EndpointSettings::of);
    }

    private static EndpointSettings of(NettyEndpointConfig config) {
        Set<ListenAddress> listen = new LinkedHashSet<>();
        Arrays.stream(config.listen())
                .map(text -> ListenAddress.parse("listen", text, ADDRESS))
                .forEach(listen::add);
        if (listen.isEmpty()) {
            throw new ConfigException("listen", "", "must name at least one address");
        }
        if (!PATH.matcher(config.path()).matches()) {
            throw new ConfigException(
                    "path", config.path(), "must be empty or like /httun, of letters, digits, '-' and '_'");
        }
        if (config.name().isEmpty()) {
            throw new ConfigException("name", "", "must not be empty");
        }
        return new EndpointSettings(
                config.name(),
                Collections.unmodifiableSet(listen),
                SocketAccess.parse(config.socket_owner(), config.socket_mode()),
                config.path(),
                config.http2(),
                tls(config, listen.stream().anyMatch(ListenAddress::tls)),
                Proxies.of(config.proxies(), config.proxy_protocol(), config.proxy_header()),
                Arrays.stream(config.extra_headers())
                        .map(EndpointSettings::header)
                        .toList(),
                config.site(),
                new Limits(
                        config.connections_max(),
                        config.connections_per_address(),
                        config.head_max(),
                        config.body_max(),
                        config.head_seconds(),
                        config.body_seconds(),
                        config.reply_seconds(),
                        config.idle_seconds()));
    }

    /** Empty where no address is for TLS. */
    private static Optional<ServerTls.Settings> tls(NettyEndpointConfig config, boolean needed) {
        if (!List.of("auto", "jdk", "openssl").contains(config.tls_engine())) {
            throw new ConfigException("tls.engine", config.tls_engine(), "must be auto, jdk or openssl");
        }
        if (needed && config.tls_certificate_file().isEmpty()) {
            throw new ConfigException("tls.certificate.file", "", "is required because an address begins with tls:");
        }
        return needed
                ? Optional.of(new ServerTls.Settings(
                        config.tls_certificate_file(),
                        config.tls_key_file(),
                        config.tls_password_file(),
                        "",
                        false,
                        config.tls_engine(),
                        config.http2()
                                ? List.of(ApplicationProtocolNames.HTTP_2, ApplicationProtocolNames.HTTP_1_1)
                                : List.of(ApplicationProtocolNames.HTTP_1_1)))
                : Optional.empty();
    }

    private static String header(String text) {
        int colon = text.indexOf(':');
        if (!HEADER.matcher(text).matches()
                || OURS.contains(text.substring(0, colon).toLowerCase(Locale.ROOT))) {
            throw new ConfigException(
                    "extra.headers", text, "must be Name: value, and none that belongs to the connection");
        }
        return text.substring(0, colon).toLowerCase(Locale.ROOT) + ": "
                + text.substring(colon + 1).strip();
    }
}
