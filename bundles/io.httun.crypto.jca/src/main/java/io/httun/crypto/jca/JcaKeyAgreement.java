// SPDX-License-Identifier: Apache-2.0
package io.httun.crypto.jca;

import io.httun.api.crypto.EphemeralKeyPair;
import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.KeyAgreement;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.spec.NamedParameterSpec;
import org.osgi.service.component.annotations.Component;

/** X25519 and SHA3-256 of the JDK, for when Bouncy Castle is gone. */
@Component(property = {FrameCipher.PROVIDER + "=jca", "service.ranking:Integer=0"})
public final class JcaKeyAgreement implements KeyAgreement {
    private final SecureRandom random;

    public JcaKeyAgreement() {
        this(new SecureRandom());
    }

    /** @param random where private keys come from */
    public JcaKeyAgreement(SecureRandom random) {
        this.random = random;
    }

    @Override
    public EphemeralKeyPair generate() {
        try {
            KeyPairGenerator generator = Jdk.x25519KeyPairs();
            generator.initialize(NamedParameterSpec.X25519, random);
            return new JcaKeyPair(generator.generateKeyPair());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM has no X25519", e);
        }
    }

    @Override
    public byte[] sha3(byte[] first, byte[] second) {
        try {
            MessageDigest digest = Jdk.sha3();
            digest.update(first);
            return digest.digest(second);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM has no SHA3-256", e);
        }
    }
}
