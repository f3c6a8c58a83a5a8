// SPDX-License-Identifier: Apache-2.0
package io.httun.crypto.bouncycastle;

import io.httun.api.crypto.EphemeralKeyPair;
import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.KeyAgreement;
import java.security.SecureRandom;
import org.bouncycastle.crypto.digests.SHA3Digest;
import org.bouncycastle.math.ec.rfc7748.X25519;
import org.osgi.service.component.annotations.Component;

/** X25519 and SHA3-256 of Bouncy Castle, whose private keys can be overwritten. */
@Component(property = {FrameCipher.PROVIDER + "=bouncycastle", "service.ranking:Integer=100"})
public final class BcKeyAgreement implements KeyAgreement {
    private static final int BITS = 256;

    private final SecureRandom random;

    public BcKeyAgreement() {
        this(new SecureRandom());
    }

    /** @param random where private keys come from */
    public BcKeyAgreement(SecureRandom random) {
        this.random = random;
    }

    @Override
    public EphemeralKeyPair generate() {
        byte[] privateKey = new byte[LENGTH];
        X25519.generatePrivateKey(random, privateKey);
        return new BcKeyPair(privateKey);
    }

    @Override
    public byte[] sha3(byte[] first, byte[] second) {
        SHA3Digest digest = new SHA3Digest(BITS);
        digest.update(first, 0, first.length);
        digest.update(second, 0, second.length);
        byte[] hash = new byte[digest.getDigestSize()];
        digest.doFinal(hash, 0);
        return hash;
    }
}
