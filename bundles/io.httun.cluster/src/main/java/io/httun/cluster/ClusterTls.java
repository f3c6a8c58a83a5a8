// SPDX-License-Identifier: Apache-2.0
package io.httun.cluster;

import io.httun.api.HttunException;
import io.httun.api.crypto.SharedSecret;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/**
 * TLS 1.3 between members, in which both ends prove that they have the cluster key.
 *
 * @param sockets for membership
 * @param server for requests that come forwarded
 * @param client for requests to forward
 */
record ClusterTls(SSLContext sockets, SslContext server, SslContext client) {
    static final String VERSION = "TLSv1.3";
    private static final String ALIAS = "cluster";

    static ClusterTls of(SharedSecret clusterKey) {
        ClusterCertificate own = ClusterCertificate.of(clusterKey);
        ClusterTrust trust = new ClusterTrust(own.certificate());
        SslProvider provider = OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK;
        try {
            KeyManagerFactory keys = keys(own);
            SSLContext sockets = SSLContext.getInstance(VERSION);
            sockets.init(keys.getKeyManagers(), new TrustManager[] {trust}, null);
            return new ClusterTls(
                    sockets,
                    SslContextBuilder.forServer(own.key(), own.certificate())
                            .sslProvider(provider)
                            .protocols(VERSION)
                            .trustManager(trust)
                            .clientAuth(ClientAuth.REQUIRE)
                            .build(),
                    SslContextBuilder.forClient()
                            .keyManager(own.key(), own.certificate())
                            .sslProvider(provider)
                            .protocols(VERSION)
                            .trustManager(trust)
                            .endpointIdentificationAlgorithm(null)
                            .build());
        } catch (GeneralSecurityException | IOException e) {
            throw new HttunException("TLS between the servers cannot be set up: " + e.getMessage(), e);
        }
    }

    private static KeyManagerFactory keys(ClusterCertificate own) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        char[] none = new char[0];
        store.setKeyEntry(ALIAS, own.key(), none, new Certificate[] {own.certificate()});
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, none);
        return keys;
    }
}
