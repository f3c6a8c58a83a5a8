// SPDX-License-Identifier: Apache-2.0
package io.httun.listener.tls;

import io.httun.api.config.ConfigException;
import io.httun.api.config.SecretFile;
import io.httun.listener.login.LoginThreads;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** TLS towards the clients of a listener. Its files are read again when they change; wrong ones leave the old ones in use. */
public final class ServerTls {
    private static final Logger LOG = LoggerFactory.getLogger(ServerTls.class);
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final String CERTIFICATE = "tls.certificate.file";
    private static final String CLIENT_CA = "tls.client.ca.file";

    /**
     * Names of files; empty for none.
     *
     * @param certificate PEM, the server's own certificate first, or PKCS#12 with its key
     * @param key PEM, PKCS#8; empty where it is in the file of the certificate
     * @param password file with the password of the key or of the PKCS#12 file
     * @param clientCa PEM; who signs the certificates that clients are asked for
     * @param clientRequired whether a client without one is turned away
     * @param protocols for ALPN, best first
     */
    public record Settings(
            String certificate,
            String key,
            String password,
            String clientCa,
            boolean clientRequired,
            List<String> protocols) {}

    private final Settings settings;
    private volatile SslContext context;
    private List<Long> stamps;
    private long lookedAt;

    private ServerTls(Settings settings) {
        this.settings = settings;
        this.stamps = stamps();
        this.context = build(settings);
        this.lookedAt = System.nanoTime();
    }

    /**
     * @return empty where no certificate is configured
     * @throws ConfigException naming the property and what is wrong with its file
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

    /** The handler for one connection. Now and then it has the files looked at, on another thread. */
    public SslHandler newHandler(ByteBufAllocator allocator, int handshakeSeconds, LoginThreads threads) {
        long now = System.nanoTime();
        synchronized (this) {
            if (now - lookedAt > LOOK_NANOS) {
                lookedAt = now;
                threads.run(this::refresh);
            }
        }
        SslHandler handler = context.newHandler(allocator);
        handler.setHandshakeTimeout(handshakeSeconds, TimeUnit.SECONDS);
        return handler;
    }

    private synchronized void refresh() {
        List<Long> found = stamps();
        if (found.equals(stamps)) {
            return;
        }
        stamps = found;
        try {
            context = build(settings);
            LOG.info("{} has changed and is in use", settings.certificate());
        } catch (ConfigException e) {
            LOG.error("{}; the certificate of before stays in use", e.getMessage());
        }
    }

    private List<Long> stamps() {
        return Stream.of(settings.certificate(), settings.key(), settings.password(), settings.clientCa())
                .map(File::new)
                .flatMap(file -> Stream.of(file.lastModified(), file.length()))
                .toList();
    }

    private static SslContext build(Settings settings) {
        String password = settings.password().isEmpty()
                ? null
                : SecretFile.readLines("tls.password.file", settings.password()).get(0);
        try {
            byte[] bytes = Files.readAllBytes(Path.of(settings.certificate()));
            boolean pem = new String(bytes, StandardCharsets.ISO_8859_1).contains("-----BEGIN");
            String key = settings.key().isEmpty() ? settings.certificate() : settings.key();
            SslContextBuilder builder = pem
                    ? SslContextBuilder.forServer(new File(settings.certificate()), new File(key), password)
                    : SslContextBuilder.forServer(pkcs12(bytes, password));
            builder.sslProvider(SslProvider.JDK).protocols("TLSv1.3", "TLSv1.2");
            if (!settings.protocols().isEmpty()) {
                builder.applicationProtocolConfig(new ApplicationProtocolConfig(
                        Protocol.ALPN,
                        SelectorFailureBehavior.NO_ADVERTISE,
                        SelectedListenerFailureBehavior.ACCEPT,
                        settings.protocols()));
            }
            askForCertificates(builder, settings);
            return builder.build();
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw new ConfigException(
                    CERTIFICATE,
                    settings.certificate(),
                    "must be PEM with a PKCS#8 key (tls.key.file), or PKCS#12 (" + reason(e) + ")");
        }
    }

    private static void askForCertificates(SslContextBuilder builder, Settings settings) {
        if (settings.clientCa().isEmpty()) {
            return;
        }
        try {
            builder.trustManager(new File(settings.clientCa()))
                    .clientAuth(settings.clientRequired() ? ClientAuth.REQUIRE : ClientAuth.OPTIONAL);
        } catch (IllegalArgumentException e) {
            throw new ConfigException(CLIENT_CA, settings.clientCa(), "must be PEM certificates (" + reason(e) + ")");
        }
    }

    private static KeyManagerFactory pkcs12(byte[] bytes, String password)
            throws GeneralSecurityException, IOException {
        char[] chars = password == null ? new char[0] : password.toCharArray();
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(new ByteArrayInputStream(bytes), chars);
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, chars);
        return keys;
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
    public String toString() {
        return "TLS with " + settings.certificate();
    }
}
