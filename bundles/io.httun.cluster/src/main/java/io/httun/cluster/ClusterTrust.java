// SPDX-License-Identifier: Apache-2.0
package io.httun.cluster;

import java.net.Socket;
import java.security.MessageDigest;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/** Trusts who has the key of {@link ClusterCertificate}, and nobody else, whatever the certificate says of names and times. */
final class ClusterTrust extends X509ExtendedTrustManager {
    private final byte[] key;

    ClusterTrust(X509Certificate own) {
        this.key = own.getPublicKey().getEncoded();
    }

    private void check(X509Certificate... chain) throws CertificateException {
        if (chain.length == 0
                || !MessageDigest.isEqual(key, chain[0].getPublicKey().getEncoded())) {
            throw new CertificateException("has another cluster key; key.file must be the same at all servers");
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
        check(chain);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
