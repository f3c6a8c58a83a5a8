// SPDX-License-Identifier: Apache-2.0
package io.httun.api.tls;

import io.httun.api.HttunException;
import io.httun.api.config.CertificatePins;
import io.httun.api.config.ConfigException;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.File;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

/** TLS towards a server that is known: its name, whom to trust, and the certificate that it must show. Immutable; thread-safe. */
public final class ClientTls {
    private static final int HANDSHAKE_SECONDS = 10;

    private final SslContext context;
    private final String name;
    private final CertificatePins pins;

    private ClientTls(SslContext context, String name, CertificatePins pins) {
        this.context = context;
        this.name = name;
        this.pins = pins;
    }

    /**
     * Reads the properties {@code PREFIX.trust} and {@code PREFIX.pin}.
     *
     * @param prefix of the properties, such as {@code tls}
     * @param name the server's, for SNI and in its certificate
     * @param trust {@code system}, {@code none}, or a PEM file of certificates
     * @param pins as {@link CertificatePins} reads them
     * @throws ConfigException naming the property that is wrong
     */
    public static ClientTls of(String prefix, String name, String trust, String... pins) {
        CertificatePins required = CertificatePins.parse(prefix + ".pin", pins);
        if (trust.equals("none") && required.isEmpty()) {
            throw new ConfigException(
                    prefix + ".trust", trust, "needs " + prefix + ".pin, or anybody could be the server");
        }
        try {
            SslContextBuilder builder = SslContextBuilder.forClient().sslProvider(SslProvider.JDK);
            if (trust.equals("none")) {
                builder.trustManager(InsecureTrustManagerFactory.INSTANCE).endpointIdentificationAlgorithm(null);
            } else if (!trust.equals("system")) {
                builder.trustManager(new File(trust));
            }
            return new ClientTls(builder.build(), name, required);
        } catch (SSLException | IllegalArgumentException e) {
            throw new ConfigException(
                    prefix + ".trust",
                    trust,
                    "must be system, none, or a PEM file of certificates (" + e.getMessage() + ")");
        }
    }

    /**
     * Puts TLS on a channel that has just been connected, with the ends of {@link TlsEnd}.
     *
     * @return the channel, with {@code autoRead} off, when the server has proved who it is; a failure leaves its closing to the caller
     */
    public Future<Channel> start(Channel channel) {
        EventLoop loop = channel.eventLoop();
        Promise<Channel> result = loop.newPromise();
        SslHandler tls = context.newHandler(channel.alloc(), name, -1);
        tls.setHandshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS);
        sendName(tls.engine());
        ChannelHandler quiet = new FailureTold();
        tls.handshakeFuture().addListener(shaken -> {
            try {
                if (!shaken.isSuccess()) {
                    throw new SSLException(String.valueOf(shaken.cause().getMessage()));
                }
                pins.check(tls.engine().getSession());
                channel.config().setAutoRead(false);
                channel.pipeline().remove(quiet);
                result.setSuccess(channel);
            } catch (HttunException | SSLException e) {
                result.setFailure(e);
            }
        });
        TlsEnd.install(channel, tls);
        channel.pipeline().addLast(quiet);
        channel.config().setAutoRead(true);
        return result;
    }

    /** Until somebody uses the connection: the future of the handshake has told why it failed. */
    private static final class FailureTold extends ChannelInboundHandlerAdapter {
        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }

    /** The name that is configured, whatever was resolved; addresses have no place in SNI (RFC 6066 section 3). */
    private void sendName(SSLEngine engine) {
        if (!NetUtil.isValidIpV4Address(name) && !NetUtil.isValidIpV6Address(name)) {
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setServerNames(List.of(new SNIHostName(name)));
            engine.setSSLParameters(parameters);
        }
    }
}
