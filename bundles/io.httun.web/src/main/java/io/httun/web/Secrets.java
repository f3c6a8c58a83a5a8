// SPDX-License-Identifier: Apache-2.0
package io.httun.web;

import io.httun.toolkit.jdk.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;

/** Random words that nobody can guess. */
final class Secrets {
    private static final SecureRandom RANDOM = new SecureRandom();

    /** NIST SP 800-63B section 7.1 asks for 64 bits in a session's secret at least. */
    private static final int BYTES = 32;

    private Secrets() {}

    /** 43 letters, digits, hyphens and underscores. */
    static String create() {
        byte[] random = new byte[BYTES];
        RANDOM.nextBytes(random);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    }

    /** In the time that the length says, whatever the words. */
    static boolean same(String one, String other) {
        return MessageDigest.isEqual(one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }

    /** What is kept of a secret: a search for it takes a time that tells nothing of the secret, and the memory holds none. */
    static String fingerprint(String secret) {
        return Sha256.hex(secret.getBytes(StandardCharsets.UTF_8));
    }
}
