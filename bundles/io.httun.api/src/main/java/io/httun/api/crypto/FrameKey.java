// SPDX-License-Identifier: Apache-2.0
package io.httun.api.crypto;

import java.lang.invoke.VarHandle;
import java.util.Arrays;
import javax.crypto.SecretKey;

/**
 * An AES-256 key for frames. It belongs to a session (or, for init frames, to a channel), so that any
 * {@link FrameCipher} can go on with it. Thread-safe until {@link #destroy()}.
 */
public final class FrameKey implements SecretKey {
    /** Length in bytes. */
    public static final int LENGTH = 32;

    private static final long serialVersionUID = 1L;

    private final transient byte[] bytes;
    private transient volatile boolean destroyed;

    /**
     * @param bytes exactly 32 bytes; ownership passes to the key
     * @throws IllegalArgumentException for any other length
     */
    public FrameKey(byte[] bytes) {
        if (bytes.length != LENGTH) {
            throw new IllegalArgumentException("a frame key has 32 bytes, got " + bytes.length);
        }
        this.bytes = bytes;
    }

    @Override
    public String getAlgorithm() {
        return "AES";
    }

    @Override
    public String getFormat() {
        return "RAW";
    }

    /** A copy of the key's bytes. */
    @Override
    public byte[] getEncoded() {
        byte[] copy = bytes.clone();
        // Looked at after copying: a key that is destroyed meanwhile must not come out half overwritten and be used.
        VarHandle.acquireFence();
        if (destroyed) {
            Arrays.fill(copy, (byte) 0);
            throw new IllegalStateException("this key has been destroyed");
        }
        return copy;
    }

    /** Overwrites the key. Frames can neither be sealed nor opened with it afterwards. */
    @Override
    public void destroy() {
        destroyed = true;
        VarHandle.fullFence();
        Arrays.fill(bytes, (byte) 0);
    }

    @Override
    public boolean isDestroyed() {
        return destroyed;
    }

    @Override
    public String toString() {
        return "FrameKey[***]";
    }
}
