// SPDX-License-Identifier: Apache-2.0
package io.httun.cluster;

import io.httun.api.crypto.SharedSecret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Keys for one purpose each, derived from that of the key file (one step of HKDF-Expand, RFC 5869, of a key that is random already). */
final class ClusterKey {
    private static final String HMAC = "HmacSHA256";

    private ClusterKey() {}

    /** @param purpose makes the key differ from those for others */
    static SharedSecret derive(SharedSecret key, String purpose) {
        byte[] bytes = key.toBytes();
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(bytes, HMAC));
            mac.update(("httun cluster " + purpose).getBytes(StandardCharsets.US_ASCII));
            return SharedSecret.ofHex(HexFormat.of().formatHex(mac.doFinal(new byte[] {1})));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("each JDK has " + HMAC, e);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }
}
