// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.interfaces.XECPublicKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPrivateKeySpec;
import java.security.spec.XECPublicKeySpec;
import javax.crypto.KeyAgreement;

/** The key schedule of the wire protocol (section 3) on the JDK's X25519 and SHA3-256. */
public final class StockKeys {

    private static final int LENGTH = 32;

    private StockKeys() {}

    /** An ephemeral key pair, the public half in wire form. */
    record Ephemeral(PrivateKey privateKey, byte[] publicKey) {

        static Ephemeral generate() {
            try {
                var pair = KeyPairGenerator.getInstance("X25519").generateKeyPair();
                byte[] wire = new byte[LENGTH];
                byte[] big = ((XECPublicKey) pair.getPublic()).getU().toByteArray();
                for (int i = 0; i < Math.min(big.length, LENGTH); i++) {
                    wire[i] = big[big.length - 1 - i];
                }
                return new Ephemeral(pair.getPrivate(), wire);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("this JDK has no X25519", e);
            }
        }
    }

    public static byte[] initKey(byte[] sharedSecret) {
        return sessionKey(sharedSecret, new byte[LENGTH]);
    }

    public static byte[] sessionKey(byte[] sharedSecret, byte[] agreed) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA3-256");
            digest.update(sharedSecret);
            return digest.digest(agreed);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no SHA3-256", e);
        }
    }

    static byte[] agree(PrivateKey own, byte[] peerPublicKey) throws StockException {
        byte[] big = new byte[LENGTH];
        for (int i = 0; i < LENGTH; i++) {
            big[i] = peerPublicKey[LENGTH - 1 - i];
        }
        big[0] &= 0x7F;
        try {
            KeyAgreement agreement = KeyAgreement.getInstance("X25519");
            agreement.init(own);
            agreement.doPhase(
                    KeyFactory.getInstance("X25519")
                            .generatePublic(new XECPublicKeySpec(NamedParameterSpec.X25519, new BigInteger(1, big))),
                    true);
            return agreement.generateSecret();
        } catch (GeneralSecurityException e) {
            throw new StockException("X25519 refuses the peer's public key", e);
        }
    }

    static PrivateKey privateKey(byte[] scalar) throws GeneralSecurityException {
        return KeyFactory.getInstance("X25519")
                .generatePrivate(new XECPrivateKeySpec(NamedParameterSpec.X25519, scalar));
    }
}
