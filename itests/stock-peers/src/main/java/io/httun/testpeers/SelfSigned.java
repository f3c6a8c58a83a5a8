// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.HexFormat;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A key with a self-signed certificate for a name, {@code localhost} and 127.0.0.1, made by the JDK's keytool.
 *
 * @param p12 both, under the password
 * @param certificate in PEM
 * @param key in PEM, not encrypted
 * @param password the file with the password
 */
public record SelfSigned(Path p12, Path certificate, Path key, Path password) {
    private static final String ALIAS = "own";
    private static final char[] PASSWORD = "changeit".toCharArray();

    /** With a key on an elliptic curve. @param name of the subject, of its first DNS name and of the files */
    public static SelfSigned make(Path folder, String name) throws IOException, GeneralSecurityException {
        return make(folder, name, "EC");
    }

    /** @param algorithm of the key, as keytool calls it */
    public static SelfSigned make(Path folder, String name, String algorithm)
            throws IOException, GeneralSecurityException {
        Path p12 = folder.resolve(name + ".p12");
        Files.deleteIfExists(p12);
        keytool(
                "-genkeypair",
                "-alias",
                ALIAS,
                "-keyalg",
                algorithm,
                "-dname",
                "CN=" + name,
                "-ext",
                "san=dns:" + name + ",dns:localhost,ip:127.0.0.1",
                "-storetype",
                "PKCS12",
                "-keystore",
                p12.toString(),
                "-storepass",
                new String(PASSWORD));
        KeyStore store = load(p12);
        return new SelfSigned(
                p12,
                pem(
                        folder.resolve(name + ".pem"),
                        "CERTIFICATE",
                        store.getCertificate(ALIAS).getEncoded()),
                pem(
                        folder.resolve(name + ".key"),
                        "PRIVATE KEY",
                        store.getKey(ALIAS, PASSWORD).getEncoded()),
                Files.writeString(folder.resolve(name + ".password"), new String(PASSWORD)));
    }

    private static void keytool(String... arguments) throws IOException {
        String[] command = new String[arguments.length + 1];
        command[0] = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException("keytool failed: " + said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static Path pem(Path file, String kind, byte[] bytes) throws IOException {
        return Files.writeString(
                file,
                "-----BEGIN " + kind + "-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes) + "\n-----END " + kind
                        + "-----\n");
    }

    private static KeyStore load(Path p12) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(p12)) {
            store.load(in, PASSWORD);
        }
        return store;
    }

    public Certificate x509() throws IOException, GeneralSecurityException {
        return load(p12).getCertificate(ALIAS);
    }

    /** For a server with this certificate. */
    public KeyManagerFactory keys() throws IOException, GeneralSecurityException {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(load(p12), PASSWORD);
        return keys;
    }

    /** For a peer that has this certificate and trusts it alone. */
    public SSLContext context() throws IOException, GeneralSecurityException {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry(ALIAS, x509());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys().getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    /** The SHA-256 of the certificate, in hexadecimal. */
    public String sha256() throws IOException, GeneralSecurityException {
        return HexFormat.of().formatHex(digest(x509().getEncoded()));
    }

    /** The SHA-256 of the public key. */
    public byte[] keySha256() throws IOException, GeneralSecurityException {
        return digest(x509().getPublicKey().getEncoded());
    }

    private static byte[] digest(byte[] bytes) throws GeneralSecurityException {
        return MessageDigest.getInstance("SHA-256").digest(bytes);
    }
}
