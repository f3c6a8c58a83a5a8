// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.tls;

import io.httun.api.HttunException;
import io.httun.api.config.ConfigException;
import io.httun.toolkit.config.CertificatePins;
import io.httun.toolkit.config.ConfiguredFile;
import io.httun.toolkit.config.SecretFile;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.OpenSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TLS towards servers: whom to trust, and the certificate that a server must show. Thread-safe; two are equal when they were made
 * of the same properties and the same content of the files.
 */
public final class ClientTls {
    private static final Logger LOG = LoggerFactory.getLogger(ClientTls.class);
    private static final int HANDSHAKE_SECONDS = 10;
    private static final String NONE = "none";
    private static final String SYSTEM = "system";

    /** Properties and contents of files; {@code store} is null unless {@code trust} names a file. */
    private record Trust(String prefix, String trust, TrustStore store, CertificatePins pins) {}

    private final Trust trust;
    private final SslProvider provider;
    private volatile SslContext context;

    private ClientTls(Trust trust, SslProvider provider) {
        this.trust = trust;
        this.provider = provider;
        this.context = build(provider);
    }

    /**
     * Reads the properties {@code PREFIX.trust} and {@code PREFIX.pin}. Without a check of the certificate and without a pin any
     * server is accepted, with a warning.
     *
     * @param prefix of the properties, such as {@code tls}
     * @param trust {@code system}, {@code none}, or a file of certificates: PEM, JKS or PKCS#12
     * @param pins as {@link CertificatePins} reads them
     * @throws ConfigException naming the property that is wrong
     */
    public static ClientTls of(String prefix, String trust, String... pins) {
        return withPassword(prefix, trust, "", pins);
    }

    /** @param passwordFile value of {@code PREFIX.trust.password.file}, with the password of the trust store; empty for none */
    public static ClientTls withPassword(String prefix, String trust, String passwordFile, String... pins) {
        String property = prefix + ".trust";
        String password = passwordFile.isEmpty()
                ? ""
                : SecretFile.readLines(property + ".password.file", passwordFile)
                        .get(0);
        CertificatePins required = CertificatePins.parse(prefix + ".pin", pins);
        TrustStore store = null;
        if (trust.equals(NONE)) {
            if (required.isEmpty()) {
                LOG.warn(
                        "{} = none without {}.pin: any certificate is accepted, so anyone on the path can read and change what"
                                + " TLS should protect",
                        property,
                        prefix);
            }
        } else if (!trust.equals(SYSTEM)) {
            store = new TrustStore(property, trust, ConfiguredFile.read(property, trust), password);
        }
        return new ClientTls(new Trust(prefix, trust, store, required), SslProvider.JDK);
    }

    /** The same by OpenSSL where that loads, which is faster, and by the JDK from the first certificate that it cannot check. */
    public ClientTls preferOpenSsl() {
        return new ClientTls(trust, SslContext.defaultClientProvider());
    }

    private SslContext build(SslProvider engine) {
        SslContextBuilder builder = SslContextBuilder.forClient().sslProvider(engine);
        try {
            if (trust.trust().equals(NONE)) {
                builder.trustManager(InsecureTrustManagerFactory.INSTANCE).endpointIdentificationAlgorithm(null);
            } else if (trust.store() != null) {
                trust.store().addTo(builder);
            }
            return builder.build();
        } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
            throw new ConfigException(
                    trust.prefix() + ".trust",
                    trust.trust(),
                    "must be system, none, or a PEM, JKS or PKCS12 file with certificates (" + e.getMessage() + ")");
        }
    }

    /**
     * The handler for one connection, which is to be checked with {@link #verify} when its handshake has ended.
     *
     * @param host the server's name, for SNI and in its certificate
     */
    public SslHandler newHandler(ByteBufAllocator allocator, String host, int port) {
        SslHandler handler = context.newHandler(allocator, host, port);
        handler.setHandshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS);
        sendName(handler.engine(), host);
        return handler;
    }

    /** @throws HttunException if the handshake has failed, or the server's certificate matches no pin */
    public void verify(SslHandler handler) {
        Throwable failure = handler.handshakeFuture().cause();
        if (failure != null) {
            fallBack(failure);
            throw new HttunException(reason(failure), failure);
        }
        trust.pins().check(handler.engine().getSession());
    }

    /** BoringSSL takes no Ed25519 certificate: such a server is reached by the JDK's TLS, from the next connection on. */
    private void fallBack(Throwable failure) {
        if (context instanceof OpenSslContext && reason(failure).contains("HANDSHAKE_FAILURE")) {
            LOG.info("OpenSSL does not support the kind of certificate of a server; using the JDK's TLS from now on");
            context = build(SslProvider.JDK);
        }
    }

    /** OpenSSL's engine gives it only in the cause of its exception. */
    private static String reason(Throwable failure) {
        return String.valueOf((failure.getCause() == null ? failure : failure.getCause()).getMessage());
    }

    /** As {@link #start(Channel, String, int)}, with a limit for the handshake alone. */
    public Future<Channel> start(Channel channel, String host) {
        return start(channel, host, HANDSHAKE_SECONDS);
    }

    /**
     * Puts TLS on a channel that has just been connected, with the ends of {@link TlsEnd}.
     *
     * @param host the server's name, for SNI and in its certificate
     * @param handshakeSeconds 0 for no limit
     * @return the channel, with {@code autoRead} off, when the server has proved its identity; a failure leaves its closing to the caller
     */
    public Future<Channel> start(Channel channel, String host, int handshakeSeconds) {
        EventLoop loop = channel.eventLoop();
        Promise<Channel> result = loop.newPromise();
        SslHandler tls = newHandler(channel.alloc(), host, -1);
        tls.setHandshakeTimeout(handshakeSeconds, TimeUnit.SECONDS);
        ChannelHandler guard = new HandshakeGuard();
        tls.handshakeFuture().addListener(shaken -> {
            try {
                verify(tls);
                channel.config().setAutoRead(false);
                channel.pipeline().remove(guard);
                result.trySuccess(channel);
            } catch (HttunException e) {
                result.tryFailure(e);
            }
        });
        TlsEnd.install(channel, tls);
        channel.pipeline().addLast(guard);
        channel.config().setAutoRead(true);
        return result;
    }

    /** Until the connection is in use: the future of the handshake has the same failure. */
    private static final class HandshakeGuard extends ChannelInboundHandlerAdapter {
        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }

    /** The configured name, also one without a dot; addresses have no place in SNI (RFC 6066 section 3). */
    private static void sendName(SSLEngine engine, String host) {
        if (NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host)) {
            return;
        }
        SSLParameters parameters = engine.getSSLParameters();
        try {
            parameters.setServerNames(List.of(new SNIHostName(host)));
        } catch (IllegalArgumentException e) {
            LOG.debug("{} cannot be sent as a server's name", host, e);
            return;
        }
        engine.setSSLParameters(parameters);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ClientTls that && trust.equals(that.trust) && provider == that.provider;
    }

    @Override
    public int hashCode() {
        return Objects.hash(trust, provider);
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "ClientTls[" + trust.trust() + ", " + trust.pins().hashes().size() + " pins]";
    }
}
