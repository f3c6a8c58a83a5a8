// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import io.httun.api.config.ConfigException;
import io.httun.api.listen.ListenAddress;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.io.File;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The TLS context made of the files as they are, and made anew when they change. Thread-safe for readers. */
final class TlsIdentity {
    private static final Logger LOG = LoggerFactory.getLogger(TlsIdentity.class);
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

    private final EndpointSettings settings;
    private List<Long> stamps;
    private volatile SslContext context;
    private volatile String problem = "";

    private TlsIdentity(EndpointSettings settings) {
        this.settings = settings;
    }

    /** Loads what there is; {@link #problem} tells when that does not work. */
    static TlsIdentity load(EndpointSettings settings) {
        TlsIdentity identity = new TlsIdentity(settings);
        identity.refresh();
        return identity;
    }

    /** Null while there is none that works. */
    SslContext context() {
        return context;
    }

    /** Why the files as they are cannot be used; empty when they are in use. */
    String problem() {
        return problem;
    }

    /** Looks at the files, and takes them up if they are others than before. Wrong ones leave the old context. */
    void refresh() {
        if (settings.listen().stream().noneMatch(ListenAddress::tls)) {
            return;
        }
        List<Long> now = stamps();
        if (now.equals(stamps)) {
            return;
        }
        boolean first = stamps == null;
        stamps = now;
        try {
            KeyMaterial material = KeyMaterial.load(settings.tls());
            context = build(material);
            problem = "";
            LOG.info(
                    "Endpoint {}: TLS by {} with the certificate of {}, valid until {}",
                    settings.name(),
                    context instanceof OpenSslContext ? "OpenSSL (" + OpenSsl.versionString() + ")" : "the JDK",
                    material.chain()[0].getSubjectX500Principal(),
                    material.chain()[0].getNotAfter().toInstant());
        } catch (ConfigException e) {
            problem = e.getMessage();
            if (!first) {
                LOG.error("Endpoint {}: certificate not taken up: {}", settings.name(), problem);
            }
        }
    }

    private SslContext build(KeyMaterial material) {
        try {
            return SslContextBuilder.forServer(material.key(), material.chain())
                    .sslProvider(provider(material))
                    .protocols("TLSv1.3", "TLSv1.2")
                    .ciphers(SUITES, SupportedCipherSuiteFilter.INSTANCE)
                    .applicationProtocolConfig(new ApplicationProtocolConfig(
                            ApplicationProtocolConfig.Protocol.ALPN,
                            ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                            ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                            settings.http2()
                                    ? List.of(ApplicationProtocolNames.HTTP_2, ApplicationProtocolNames.HTTP_1_1)
                                    : List.of(ApplicationProtocolNames.HTTP_1_1)))
                    .build();
        } catch (SSLException | IllegalArgumentException e) {
            throw new ConfigException(
                    "tls.certificate.file", settings.tls().certificateFile(), "cannot be used: " + e.getMessage());
        }
    }

    private SslProvider provider(KeyMaterial material) {
        String engine = settings.tls().engine();
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

    /** What changes when a file is written or replaced. */
    private List<Long> stamps() {
        EndpointSettings.Tls tls = settings.tls();
        return Stream.of(tls.certificateFile(), tls.keyFile(), tls.passwordFile())
                .map(File::new)
                .flatMap(file -> Stream.of(file.lastModified(), file.length()))
                .toList();
    }
}
