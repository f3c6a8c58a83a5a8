// SPDX-License-Identifier: Apache-2.0
package io.httun.crypto.bouncycastle;

import io.httun.api.HttunException;
import io.httun.api.crypto.EphemeralKeyPair;
import io.httun.api.crypto.KeyAgreement;
import java.util.Arrays;
import org.bouncycastle.math.ec.rfc7748.X25519;

/** A key pair that overwrites its private key when closed. */
final class BcKeyPair implements EphemeralKeyPair {
    private final byte[] privateKey;
    private final byte[] publicKey = new byte[KeyAgreement.LENGTH];
    private boolean closed;

    /** @param privateKey ownership passes to the pair */
    BcKeyPair(byte[] privateKey) {
        this.privateKey = privateKey;
        X25519.generatePublicKey(privateKey, 0, publicKey, 0);
    }

    @Override
    public byte[] publicKey() {
        return publicKey.clone();
    }

    @Override
    public byte[] agree(byte[] peerPublicKey) {
        if (closed) {
            throw new IllegalStateException("this key pair is closed");
        }
        if (peerPublicKey.length != KeyAgreement.LENGTH) {
            throw new HttunException(
                    "got an X25519 public key of " + peerPublicKey.length + " bytes, expected " + KeyAgreement.LENGTH);
        }
        byte[] agreed = new byte[KeyAgreement.LENGTH];
        if (!X25519.calculateAgreement(privateKey, 0, peerPublicKey, 0, agreed, 0)) {
            throw new HttunException("got an X25519 public key of small order");
        }
        return agreed;
    }

    @Override
    public void close() {
        closed = true;
        Arrays.fill(privateKey, (byte) 0);
    }
}
