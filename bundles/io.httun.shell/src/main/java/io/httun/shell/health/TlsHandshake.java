// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.health;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A TLS handshake with a port of this process. The certificate is not judged: whether clients trust it depends on the name they use and on their own
 * configuration.
 */
final class TlsHandshake {
    private static final Logger LOG = LoggerFactory.getLogger(TlsHandshake.class);

    private TlsHandshake() {}

    /** Does the handshake on a connected blocking channel, and closes it after a success. Returns why the handshake fails; empty if it succeeds. */
    static Optional<String> on(SocketChannel channel) throws IOException {
        Socket plain = channel.socket();
        InetSocketAddress peer = (InetSocketAddress) channel.getRemoteAddress();
        SSLSocket socket = (SSLSocket)
                context().getSocketFactory().createSocket(plain, peer.getHostString(), peer.getPort(), true);
        try {
            socket.startHandshake();
        } catch (IOException e) {
            return Optional.of("TLS handshake fails: " + e.getMessage());
        }
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("closing after a handshake: {}", e.toString());
        }
        return Optional.empty();
    }

    private static SSLContext context() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new AnyCertificate()}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no TLS", e);
        }
    }

    /** Accepts every certificate. The extended class, because the JDK checks algorithms and names for the plain one. */
    private static final class AnyCertificate extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
