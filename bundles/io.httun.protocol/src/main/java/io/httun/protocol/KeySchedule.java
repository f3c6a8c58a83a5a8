// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import io.httun.api.HttunException;
import io.httun.api.crypto.EphemeralKeyPair;
import io.httun.api.crypto.FrameKey;
import io.httun.api.crypto.KeyAgreement;
import io.httun.api.crypto.SharedSecret;
import java.util.Arrays;

/** Derives keys from the shared secret ({@code wire/httun.md} section 3). */
public final class KeySchedule {
    private KeySchedule() {}

    /** The key of init frames; it belongs to the caller. */
    public static FrameKey initKey(KeyAgreement agreement, SharedSecret secret) {
        return hash(agreement, secret, new byte[KeyAgreement.LENGTH]);
    }

    /**
     * The key of a session; it belongs to the caller.
     *
     * @throws HttunException if the peer's public key is invalid
     */
    public static FrameKey sessionKey(
            KeyAgreement agreement, SharedSecret secret, EphemeralKeyPair own, byte[] peerPublicKey) {
        return hash(agreement, secret, own.agree(peerPublicKey));
    }

    private static FrameKey hash(KeyAgreement agreement, SharedSecret secret, byte[] agreed) {
        byte[] shared = secret.toBytes();
        try {
            return new FrameKey(agreement.sha3(shared, agreed));
        } finally {
            Arrays.fill(shared, (byte) 0);
            Arrays.fill(agreed, (byte) 0);
        }
    }
}
