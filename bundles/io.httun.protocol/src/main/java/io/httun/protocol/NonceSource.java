// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import io.httun.api.crypto.FrameCipher;
import java.security.SecureRandom;

/**
 * Random bytes for the type byte and nonce of frames. Draws them for many frames at a time, since a call of the system's generator costs
 * more than the bytes. Thread-safe.
 */
public final class NonceSource {
    private static final int PER_FRAME = FrameCipher.SEALED_OFFSET;
    private static final int FRAMES = 64;

    private final SecureRandom random;
    private final byte[] pool = new byte[PER_FRAME * FRAMES];
    private int used = pool.length;

    public NonceSource(SecureRandom random) {
        this.random = random;
    }

    /** Writes 21 bytes that are handed out only once. */
    synchronized void fill(byte[] frame, int offset) {
        if (used == pool.length) {
            random.nextBytes(pool);
            used = 0;
        }
        System.arraycopy(pool, used, frame, offset, PER_FRAME);
        used += PER_FRAME;
    }
}
