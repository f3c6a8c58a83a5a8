// SPDX-License-Identifier: Apache-2.0
package io.httun.crypto.jca;

import io.httun.api.HttunException;
import io.httun.api.crypto.EphemeralKeyPair;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.KeyAgreement;

/** A key pair of the JDK. Its private key cannot be overwritten, only let go. */
final class JcaKeyPair implements EphemeralKeyPair {
    // RFC 8410 section 4: what precedes the 32 bytes of an X25519 key in its SubjectPublicKeyInfo.
    private static final byte[] PREFIX = HexFormat.of().parseHex("302a300506032b656e032100");

    private final byte[] publicKey;
    private PrivateKey privateKey;

    JcaKeyPair(KeyPair pair) {
        byte[] encoded = pair.getPublic().getEncoded();
        this.publicKey = Arrays.copyOfRange(encoded, PREFIX.length, encoded.length);
        this.privateKey = pair.getPrivate();
    }

    @Override
    public byte[] publicKey() {
        return publicKey.clone();
    }

    @Override
    public byte[] agree(byte[] peerPublicKey) {
        if (privateKey == null) {
            throw new IllegalStateException("this key pair is closed");
        }
        int expected = io.httun.api.crypto.KeyAgreement.LENGTH;
        if (peerPublicKey.length != expected) {
            throw new HttunException(
                    "got an X25519 public key of " + peerPublicKey.length + " bytes, expected " + expected);
        }
        byte[] encoded = Arrays.copyOf(PREFIX, PREFIX.length + expected);
        System.arraycopy(peerPublicKey, 0, encoded, PREFIX.length, expected);
        try {
            PublicKey peer = Jdk.x25519Keys().generatePublic(new X509EncodedKeySpec(encoded));
            KeyAgreement agreement = Jdk.x25519();
            agreement.init(privateKey);
            agreement.doPhase(peer, true);
            return agreement.generateSecret();
        } catch (InvalidKeyException e) {
            throw new HttunException("got an X25519 public key of small order", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM has no X25519", e);
        }
    }

    @Override
    public void close() {
        privateKey = null;
    }
}
