// SPDX-License-Identifier: Apache-2.0
package io.httun.api.crypto;

/**
 * Seals and opens frames with AES-256-GCM under a 20-byte nonce ({@code wire/httun.md} section 2; NIST SP 800-38D
 * section 7.1 for the nonce's length). A service: the one of highest {@code service.ranking} is used, or the one that a
 * configuration chooses by the service property {@value #PROVIDER}.
 *
 * <p>Stateless towards its callers, so that another provider can go on with the next frame. Every method may be called
 * by any number of threads at once.
 */
public interface FrameCipher {
    /** Service property that names the provider, for example {@code jca}. */
    String PROVIDER = "httun.crypto.provider";

    /** Length of the type byte, which is the associated data. */
    int TYPE_LENGTH = 1;

    /** Length of the nonce, which follows the type byte. */
    int NONCE_LENGTH = 20;

    /** Where the sealed part begins. */
    int SEALED_OFFSET = TYPE_LENGTH + NONCE_LENGTH;

    /** Length of the tag, which ends the frame. */
    int TAG_LENGTH = 16;

    /**
     * Seals a frame in place. On entry {@code frame} holds, from {@code offset} on, the type byte, a nonce that was
     * never used before under this key, and {@code plainLength} bytes of plain text; 16 more bytes must be free behind
     * them for the tag.
     *
     * @throws IllegalStateException if the key has been destroyed
     */
    void seal(FrameKey key, byte[] frame, int offset, int plainLength);

    /**
     * Opens a frame of {@code length} bytes into another place. {@code out} gets {@code length - 37} bytes, and holds
     * nothing meaningful when false is returned.
     *
     * @param out fastest when it is another array than {@code frame}; where it is the same one, as pooled buffers can
     *     make it, the two places must not overlap
     * @return false if the frame is too short or was not sealed under this key
     * @throws IllegalStateException if the key has been destroyed
     */
    boolean open(FrameKey key, byte[] frame, int offset, int length, byte[] out, int outOffset);
}
