// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A self-signed certificate in all supported file formats, made by the JDK's keytool. */
record TestCertificate(Path p12, Path pem, Path key, Path password) {
    private static final String PASSWORD = "changeit";

    static TestCertificate make(Path folder, String name) throws IOException, GeneralSecurityException {
        Path p12 = folder.resolve(name + ".p12");
        RealPrograms.run(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        name,
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=" + name,
                        "-ext",
                        "san=dns:" + name + ",dns:localhost,ip:127.0.0.1",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        p12.toString(),
                        "-storepass",
                        PASSWORD)
                .ok();
        KeyStore store = store(p12);
        Path pem = folder.resolve(name + ".pem");
        Path key = folder.resolve(name + ".key");
        Path password = folder.resolve(name + ".password");
        Files.writeString(pem, block("CERTIFICATE", store.getCertificate(name).getEncoded()));
        Files.writeString(
                key,
                block("PRIVATE KEY", store.getKey(name, PASSWORD.toCharArray()).getEncoded()));
        Files.writeString(password, PASSWORD + "\n");
        assertThat(List.of(p12, pem, key, password)).allMatch(Files::exists);
        return new TestCertificate(p12, pem, key, password);
    }

    private static String block(String kind, byte[] bytes) {
        return "-----BEGIN " + kind + "-----\n" + Base64.getMimeEncoder().encodeToString(bytes) + "\n-----END " + kind
                + "-----\n";
    }

    private static KeyStore store(Path p12) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(p12)) {
            store.load(in, PASSWORD.toCharArray());
        }
        return store;
    }

    String sha256() throws IOException, GeneralSecurityException {
        KeyStore store = store(p12);
        byte[] certificate = store.getCertificate(store.aliases().nextElement()).getEncoded();
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(certificate));
    }

    /** Digest of the public key, in base64. */
    String keySha256() throws IOException, GeneralSecurityException {
        KeyStore store = store(p12);
        byte[] key = store.getCertificate(store.aliases().nextElement())
                .getPublicKey()
                .getEncoded();
        return Base64.getEncoder()
                .encodeToString(MessageDigest.getInstance("SHA-256").digest(key));
    }

    /** For a peer that has this certificate and trusts it. */
    SSLContext context() throws IOException, GeneralSecurityException {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store(p12), PASSWORD.toCharArray());
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        KeyStore own = store(p12);
        trusted.setCertificateEntry("own", own.getCertificate(own.aliases().nextElement()));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }
}
