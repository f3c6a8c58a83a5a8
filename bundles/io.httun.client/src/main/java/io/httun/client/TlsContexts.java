// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.config.ConfigException;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.TrustManagerFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes TLS contexts from settings. */
final class TlsContexts {
    private static final Logger LOG = LoggerFactory.getLogger(TlsContexts.class);
    private static final String PEM_MARK = "-----BEGIN";

    private TlsContexts() {}

    /** @throws ConfigException if the trust store cannot be used */
    static SslContext client(String name, TlsSettings settings, SslProvider engine) {
        SslContextBuilder builder = SslContextBuilder.forClient().sslProvider(engine);
        try {
            if (settings.trustsAnyone()) {
                if (settings.pins().isEmpty()) {
                    LOG.warn(
                            "Client {}: tls.trust = none and no tls.pin: whoever answers is taken for the web server."
                                    + " The tunnel stays encrypted, basic authentication does not",
                            name);
                }
                builder.trustManager(InsecureTrustManagerFactory.INSTANCE).endpointIdentificationAlgorithm(null);
            } else if (!settings.trust().equals(TlsSettings.SYSTEM)) {
                trustStore(builder, settings);
            }
            return builder.build();
        } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
            throw new ConfigException(
                    "tls.trust",
                    settings.trust(),
                    "must be system, none, or a PEM, JKS or PKCS12 file with certificates (" + e.getMessage() + ")");
        }
    }

    private static void trustStore(SslContextBuilder builder, TlsSettings settings)
            throws GeneralSecurityException, IOException {
        File file = new File(settings.trust());
        String text = Files.readString(file.toPath(), StandardCharsets.ISO_8859_1);
        if (text.contains(PEM_MARK)) {
            builder.trustManager(file);
            return;
        }
        char[] password =
                settings.password().isEmpty() ? null : settings.password().toCharArray();
        KeyStore store = KeyStore.getInstance(file, password);
        if (store.size() == 0) {
            throw new KeyStoreEmptyException();
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        builder.trustManager(factory);
    }

    /** Such as a PKCS12 file whose certificates stay hidden without its password. */
    private static final class KeyStoreEmptyException extends GeneralSecurityException {
        private static final long serialVersionUID = 1L;

        KeyStoreEmptyException() {
            super("no certificate can be read from it; does it need tls.trust.password.file?");
        }
    }
}
