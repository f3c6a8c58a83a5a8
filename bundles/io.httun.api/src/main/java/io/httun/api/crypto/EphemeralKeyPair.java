// SPDX-License-Identifier: Apache-2.0
package io.httun.api.crypto;

import io.httun.api.HttunException;

/** An X25519 key pair for one init. Used by one thread at a time; its owner closes it, which forgets the private key. */
public interface EphemeralKeyPair extends AutoCloseable {
    /** A copy of the 32-byte public key. */
    byte[] publicKey();

    /**
     * Agrees with a peer's public key.
     *
     * @return 32 bytes that the caller overwrites after use
     * @throws HttunException if the key has not 32 bytes or is a point of small order
     */
    byte[] agree(byte[] peerPublicKey);

    @Override
    void close();
}
