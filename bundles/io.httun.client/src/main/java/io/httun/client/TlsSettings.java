// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.config.CertificatePins;
import io.httun.api.config.SecretFile;

/**
 * Whom to trust for https.
 *
 * @param trust {@value #SYSTEM}, {@value #NONE}, or the path of a trust store
 * @param password of the trust store; empty for none
 * @param pins of the server, whatever is trusted
 */
record TlsSettings(String trust, String password, CertificatePins pins) {
    static final String SYSTEM = "system";
    static final String NONE = "none";

    static TlsSettings of(ClientConfig config) {
        String file = config.tls_trust_password_file();
        return new TlsSettings(
                config.tls_trust(),
                file.isEmpty()
                        ? ""
                        : SecretFile.readLines("tls.trust.password.file", file).get(0),
                CertificatePins.parse("tls.pin", config.tls_pin()));
    }

    boolean trustsAnyone() {
        return trust.equals(NONE);
    }

    @Override
    public String toString() {
        return "TlsSettings[" + trust + ", " + pins.hashes().size() + " pins]";
    }
}
