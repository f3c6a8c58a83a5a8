// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.access;

import io.httun.api.crypto.SharedSecret;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;

/** Makes secrets, and writes them as key files hold them. */
public final class NewSecret {
    private NewSecret() {}

    public static SharedSecret make() {
        byte[] secret = new byte[SharedSecret.LENGTH];
        new SecureRandom().nextBytes(secret);
        return SharedSecret.ofHex(HexFormat.of().formatHex(secret));
    }

    public static String hex(SharedSecret secret) {
        return new String(secret.toHex(), StandardCharsets.US_ASCII);
    }
}
