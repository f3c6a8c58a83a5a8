// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.config.ConfigException;
import io.httun.api.config.SecretFile;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/**
 * Whom to trust for https.
 *
 * @param trust {@value #SYSTEM}, {@value #NONE}, or the path of a trust store
 * @param password of the trust store; empty for none
 * @param pins SHA-256 of certificates or public keys, lower-case hex; one must match where there are any
 */
record TlsSettings(String trust, String password, List<String> pins) {
    static final String SYSTEM = "system";
    static final String NONE = "none";

    private static final int SHA256_LENGTH = 32;

    static TlsSettings of(ClientConfig config) {
        String file = config.tls_trust_password_file();
        return new TlsSettings(
                config.tls_trust(),
                file.isEmpty()
                        ? ""
                        : SecretFile.readLines("tls.trust.password.file", file).get(0),
                Arrays.stream(config.tls_pin()).map(TlsSettings::pin).toList());
    }

    private static String pin(String text) {
        String plain = text.startsWith("sha256/") ? text.substring("sha256/".length()) : text.replace(":", "");
        try {
            byte[] hash = plain.length() == 2 * SHA256_LENGTH
                    ? HexFormat.of().parseHex(plain)
                    : Base64.getDecoder().decode(plain);
            if (hash.length == SHA256_LENGTH) {
                return HexFormat.of().formatHex(hash);
            }
        } catch (IllegalArgumentException e) {
            throw new ConfigException("tls.pin", text, "is neither hex nor base64");
        }
        throw new ConfigException("tls.pin", text, "must be a SHA-256: 64 hex digits or 44 characters of base64");
    }

    boolean trustsAnyone() {
        return trust.equals(NONE);
    }

    @Override
    public String toString() {
        return "TlsSettings[" + trust + ", " + pins.size() + " pins]";
    }
}
