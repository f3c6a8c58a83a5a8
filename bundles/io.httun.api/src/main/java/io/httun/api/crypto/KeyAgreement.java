// SPDX-License-Identifier: Apache-2.0
package io.httun.api.crypto;

/**
 * What the key schedule needs: X25519 (RFC 7748) and SHA3-256 (FIPS 202). A service, chosen as {@link FrameCipher} is.
 * Thread-safe.
 */
public interface KeyAgreement {
    /** Length of public keys and of the agreed secret, in bytes. */
    int LENGTH = 32;

    /** A new key pair from a secure random source. */
    EphemeralKeyPair generate();

    /** SHA3-256 over two arrays, one after the other. */
    byte[] sha3(byte[] first, byte[] second);
}
