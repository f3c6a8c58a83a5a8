// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.config;

import io.httun.api.HttunException;
import io.httun.api.config.ConfigException;
import io.httun.toolkit.jdk.Sha256;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * Certificates or public keys of which a peer of TLS must show one.
 *
 * @param property where they are configured, for messages
 * @param hashes their SHA-256 in lower-case hex; none = any certificate will do
 */
public record CertificatePins(String property, List<String> hashes) {
    private static final int BYTES = 32;

    public CertificatePins {
        hashes = List.copyOf(hashes);
    }

    /**
     * Reads the words of a configuration property, each in hex, with or without colons, or base64, with or without {@code sha256/} as others write it.
     *
     * @throws ConfigException naming the property and the word that is wrong
     */
    public static CertificatePins parse(String property, String... words) {
        return new CertificatePins(
                property,
                Arrays.stream(words)
                        .map(String::strip)
                        .filter(word -> !word.isEmpty())
                        .map(word -> hash(property, word))
                        .toList());
    }

    private static String hash(String property, String word) {
        String plain = word.replaceFirst("^sha256//?(?=.{44}$)", "").replace(":", "");
        try {
            byte[] hash = plain.length() == 2 * BYTES
                    ? HexFormat.of().parseHex(plain)
                    : Base64.getDecoder().decode(plain);
            if (hash.length == BYTES) {
                return HexFormat.of().formatHex(hash);
            }
        } catch (IllegalArgumentException e) {
            throw new ConfigException(property, word, "is neither hex nor base64");
        }
        throw new ConfigException(property, word, "must be a SHA-256: 64 hex digits or 44 characters of base64");
    }

    public boolean isEmpty() {
        return hashes.isEmpty();
    }

    /** @throws HttunException if there are pins, and the peer's own certificate matches none of them */
    public void check(SSLSession session) {
        if (hashes.isEmpty()) {
            return;
        }
        try {
            Certificate certificate = session.getPeerCertificates()[0];
            String whole = Sha256.hex(certificate.getEncoded());
            String key = Sha256.hex(certificate.getPublicKey().getEncoded());
            if (!hashes.contains(whole) && !hashes.contains(key)) {
                throw new HttunException("its certificate matches no " + property + ": its SHA-256 is " + whole
                        + ", that of its public key " + key);
            }
        } catch (SSLPeerUnverifiedException | CertificateEncodingException e) {
            throw new HttunException("the peer has no certificate to compare with " + property, e);
        }
    }
}
