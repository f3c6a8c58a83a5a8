// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.tls;

import io.httun.api.config.ConfigException;
import io.httun.toolkit.config.ConfiguredFile;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.io.ByteArrayInputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/**
 * TLS towards clients, with a key and a certificate that belong together. Immutable and thread-safe; two are equal when they were
 * made of the same settings and the same content of the files. A reader that gets it through {@link
 * io.httun.toolkit.config.LiveSettings} or {@link io.httun.toolkit.config.WatchedFiles} gets a new one when a file changes, and
 * keeps this one while a file is wrong.
 */
public final class ServerTls {
    private static final String CERTIFICATE = "tls.certificate.file";
    private static final String CLIENT_CA = "tls.client.ca.file";

    /** With forward secrecy and authenticated encryption, as HTTP/2 requires (RFC 9113 section 9.2.2). */
    private static final List<String> SUITES = List.of(
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    /**
     * Names of files, empty for none, and choices.
     *
     * @param certificate PEM, the server's own certificate first, or PKCS#12 with its key
     * @param key PEM, PKCS#8; empty where it is in the file of the certificate
     * @param password file with the password of the key or of the PKCS#12 file
     * @param clientCa PEM; the authorities of the certificates that clients are asked for
     * @param clientRequired whether a client without one is refused
     * @param engine {@code jdk}, {@code openssl}, or {@code auto} for openssl where it can be used
     * @param protocols for ALPN, best first
     */
    public record Settings(
            String certificate,
            String key,
            String password,
            String clientCa,
            boolean clientRequired,
            String engine,
            List<String> protocols) {
        public Settings {
            protocols = List.copyOf(protocols);
        }
    }

    private final Settings settings;
    private final KeyMaterial material;
    private final byte[] clientCa;
    private final SslContext context;

    private ServerTls(Settings settings) {
        this.settings = settings;
        this.material = KeyMaterial.load(settings);
        this.clientCa =
                settings.clientCa().isEmpty() ? new byte[0] : ConfiguredFile.read(CLIENT_CA, settings.clientCa());
        this.context = build();
    }

    /**
     * Reads the files.
     *
     * @return empty where no certificate is configured
     * @throws ConfigException naming the property and what is wrong with its file, or that key and certificate do not match
     */
    public static Optional<ServerTls> of(Settings settings) {
        if (!settings.certificate().isEmpty()) {
            return Optional.of(new ServerTls(settings));
        }
        for (String[] other : new String[][] {
            {"tls.key.file", settings.key()},
            {"tls.password.file", settings.password()},
            {CLIENT_CA, settings.clientCa()}
        }) {
            if (!other[1].isEmpty()) {
                throw new ConfigException(other[0], other[1], "needs " + CERTIFICATE);
            }
        }
        return Optional.empty();
    }

    /** As {@link #of}, where a certificate is required. */
    public static ServerTls load(Settings settings) {
        return of(settings).orElseThrow(() -> new ConfigException(CERTIFICATE, "", "is required"));
    }

    /** Whether a client has to show a certificate that one of the configured authorities has signed. */
    public boolean requiresClientCertificate() {
        return settings.clientRequired() && !settings.clientCa().isEmpty();
    }

    public SslContext context() {
        return context;
    }

    /** The handler for one connection. */
    public SslHandler newHandler(ByteBufAllocator allocator, int handshakeSeconds) {
        SslHandler handler = context.newHandler(allocator);
        handler.setHandshakeTimeout(handshakeSeconds, TimeUnit.SECONDS);
        return handler;
    }

    private SslContext build() {
        try {
            SslContextBuilder builder = SslContextBuilder.forServer(material.key(), material.chain())
                    .sslProvider(provider())
                    .protocols("TLSv1.3", "TLSv1.2")
                    .ciphers(SUITES, SupportedCipherSuiteFilter.INSTANCE);
            if (!settings.protocols().isEmpty()) {
                builder.applicationProtocolConfig(new ApplicationProtocolConfig(
                        Protocol.ALPN,
                        SelectorFailureBehavior.NO_ADVERTISE,
                        SelectedListenerFailureBehavior.ACCEPT,
                        settings.protocols()));
            }
            askForCertificates(builder);
            return builder.build();
        } catch (SSLException | IllegalArgumentException e) {
            throw new ConfigException(CERTIFICATE, settings.certificate(), "cannot be used: " + reason(e));
        }
    }

    private void askForCertificates(SslContextBuilder builder) {
        if (clientCa.length > 0) {
            try {
                builder.trustManager(new ByteArrayInputStream(clientCa))
                        .clientAuth(settings.clientRequired() ? ClientAuth.REQUIRE : ClientAuth.OPTIONAL);
            } catch (IllegalArgumentException e) {
                throw new ConfigException(
                        CLIENT_CA, settings.clientCa(), "must be PEM certificates (" + reason(e) + ")");
            }
        }
    }

    private SslProvider provider() {
        String engine = settings.engine();
        if (engine.equals("jdk")) {
            return SslProvider.JDK;
        }
        // BoringSSL takes no such keys; its handshakes would fail.
        boolean foreign = material.key().getAlgorithm().equals("EdDSA");
        if (engine.equals("openssl") && (foreign || !OpenSsl.isAvailable())) {
            throw new ConfigException(
                    "tls.engine",
                    engine,
                    foreign
                            ? "cannot use an Ed25519 key: choose auto or jdk, or a certificate of another kind"
                            : "does not load here; it is there for Linux on x86_64 and aarch64");
        }
        return !foreign && OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK;
    }

    /** Netty wraps what is wrong with a file several times. */
    private static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.toString();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ServerTls that
                && settings.equals(that.settings)
                && material.key().equals(that.material.key())
                && Arrays.equals(material.chain(), that.material.chain())
                && Arrays.equals(clientCa, that.clientCa);
    }

    @Override
    public int hashCode() {
        return settings.hashCode();
    }

    @Override
    public String toString() {
        return "TLS by "
                + (context instanceof OpenSslContext ? "OpenSSL (" + OpenSsl.versionString() + ")" : "the JDK")
                + " with the certificate of " + material.chain()[0].getSubjectX500Principal() + ", valid until "
                + material.chain()[0].getNotAfter().toInstant();
    }
}
