// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.tls;

import io.httun.api.config.ConfigException;
import io.httun.toolkit.config.ConfiguredFile;
import io.httun.toolkit.config.SecretFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/** A private key and the certificates that belong to it, the server's own first. */
record KeyMaterial(PrivateKey key, X509Certificate[] chain) {
    private static final String CERTIFICATE_FILE = "tls.certificate.file";
    private static final String KEY_FILE = "tls.key.file";
    private static final Pattern PEM_KEY =
            Pattern.compile("-----BEGIN ([A-Z ]*)PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END");
    private static final Pattern PEM_CERTIFICATE =
            Pattern.compile("-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\\s]+)-----END");
    private static final byte[] PROBE = "key and certificate belong together".getBytes(StandardCharsets.US_ASCII);

    /** @throws ConfigException naming the property and the file if anything is missing or does not fit */
    static KeyMaterial load(ServerTls.Settings files) {
        char[] password = files.password().isEmpty()
                ? new char[0]
                : SecretFile.readLines("tls.password.file", files.password())
                        .get(0)
                        .toCharArray();
        byte[] certificates = ConfiguredFile.read(CERTIFICATE_FILE, files.certificate());
        boolean pem = new String(certificates, StandardCharsets.ISO_8859_1).contains("-----BEGIN");
        KeyMaterial loaded = pem
                ? new KeyMaterial(pemKey(files, certificates, password), chain(files, certificates))
                : pkcs12(files, certificates, password);
        loaded.check(files);
        return loaded;
    }

    private static X509Certificate[] chain(ServerTls.Settings files, byte[] pem) {
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            List<X509Certificate> chain = new ArrayList<>();
            Matcher blocks = PEM_CERTIFICATE.matcher(new String(pem, StandardCharsets.ISO_8859_1));
            while (blocks.find()) {
                byte[] der = Base64.getMimeDecoder().decode(blocks.group(1));
                chain.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der)));
            }
            if (!chain.isEmpty()) {
                return chain.toArray(X509Certificate[]::new);
            }
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new ConfigException(
                    CERTIFICATE_FILE, files.certificate(), "is no PEM certificate: " + e.getMessage());
        }
        throw new ConfigException(CERTIFICATE_FILE, files.certificate(), "holds no certificate");
    }

    /** The key may be in the file of the certificate. */
    private static PrivateKey pemKey(ServerTls.Settings files, byte[] certificates, char[] password) {
        String file = files.key();
        byte[] bytes = file.isEmpty() ? certificates : ConfiguredFile.read(KEY_FILE, file);
        Matcher pem = PEM_KEY.matcher(new String(bytes, StandardCharsets.ISO_8859_1));
        if (!pem.find()) {
            throw new ConfigException(
                    KEY_FILE,
                    file,
                    file.isEmpty()
                            ? "is required: the PEM file of the certificate holds no private key"
                            : "holds no PEM private key");
        }
        try {
            byte[] der = Base64.getMimeDecoder().decode(pem.group(2));
            return switch (pem.group(1).strip()) {
                case "" -> privateKey(new PKCS8EncodedKeySpec(der));
                case "ENCRYPTED" -> decrypt(der, password);
                default ->
                    throw new ConfigException(
                            KEY_FILE, file, "must be PKCS#8: convert it with openssl pkcs8 -topk8 -nodes");
            };
        } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
            throw new ConfigException(
                    KEY_FILE, file, "cannot be read, or tls.password.file is wrong (" + reason(e) + ")");
        }
    }

    private static PrivateKey decrypt(byte[] der, char[] password) throws GeneralSecurityException, IOException {
        EncryptedPrivateKeyInfo sealed = new EncryptedPrivateKeyInfo(der);
        // The JDK tells the name of the scheme only in the text of its parameters.
        String scheme = sealed.getAlgParameters() == null
                ? sealed.getAlgName()
                : sealed.getAlgParameters().toString();
        Cipher cipher = Cipher.getInstance(scheme);
        cipher.init(
                Cipher.DECRYPT_MODE,
                SecretKeyFactory.getInstance(scheme).generateSecret(new PBEKeySpec(password)),
                sealed.getAlgParameters());
        return privateKey(sealed.getKeySpec(cipher));
    }

    private static PrivateKey privateKey(PKCS8EncodedKeySpec spec) throws GeneralSecurityException {
        GeneralSecurityException last = null;
        for (String algorithm : new String[] {"EC", "RSA", "EdDSA"}) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(spec);
            } catch (GeneralSecurityException e) {
                last = e;
            }
        }
        throw last;
    }

    private static KeyMaterial pkcs12(ServerTls.Settings files, byte[] bytes, char[] password) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(new ByteArrayInputStream(bytes), password);
            for (String alias : Collections.list(store.aliases())) {
                Key key = store.getKey(alias, password);
                Certificate[] chain = store.getCertificateChain(alias);
                if (key instanceof PrivateKey own && chain != null) {
                    return new KeyMaterial(own, Arrays.copyOf(chain, chain.length, X509Certificate[].class));
                }
            }
        } catch (GeneralSecurityException | IOException | ArrayStoreException e) {
            throw new ConfigException(
                    CERTIFICATE_FILE,
                    files.certificate(),
                    "is neither PEM nor PKCS#12, or tls.password.file is wrong (" + reason(e) + ")");
        }
        throw new ConfigException(CERTIFICATE_FILE, files.certificate(), "holds no private key with a certificate");
    }

    private void check(ServerTls.Settings files) {
        PublicKey certified = chain[0].getPublicKey();
        String algorithm =
                switch (certified.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> certified.getAlgorithm();
                };
        try {
            Signature signer = Signature.getInstance(algorithm);
            signer.initSign(key);
            signer.update(PROBE);
            byte[] signature = signer.sign();
            signer.initVerify(certified);
            signer.update(PROBE);
            if (signer.verify(signature)) {
                return;
            }
        } catch (GeneralSecurityException e) {
            throw mismatch(files, e.getMessage());
        }
        throw mismatch(files, "a signature by the key does not verify");
    }

    private ConfigException mismatch(ServerTls.Settings files, String why) {
        String file = files.key().isEmpty() ? files.certificate() : files.key();
        return new ConfigException(
                files.key().isEmpty() ? CERTIFICATE_FILE : KEY_FILE,
                file,
                "does not belong to the certificate of " + chain[0].getSubjectX500Principal() + " (" + why + ")");
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "key of " + chain[0].getSubjectX500Principal();
    }

    /** Input that is not PKCS#12 often fails without a message. */
    private static String reason(Exception e) {
        return Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName());
    }
}
