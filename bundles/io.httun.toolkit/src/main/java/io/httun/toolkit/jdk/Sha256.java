// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.jdk;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 in hexadecimal. Not for secrets that can be guessed: it is fast. */
public final class Sha256 {
    private Sha256() {}

    /** The digest of the parts, one after the other: 64 lower-case digits. */
    public static String hex(byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (byte[] part : parts) {
                digest.update(part);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JVM has no SHA-256", e);
        }
    }
}
