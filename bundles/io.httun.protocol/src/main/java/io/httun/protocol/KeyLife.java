// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How much a key has been used, both directions together. NIST SP 800-38D section 8.3 allows 2^32 frames under nonces of
 * this kind; the bound on blocks keeps the chance of a forgery small. Thread-safe.
 */
public final class KeyLife {
    /** Frames that one key may protect. */
    public static final long MAX_FRAMES = 1L << 32;

    /** Blocks of 16 bytes that one key may protect: 2^34.5, about 390 GB. */
    public static final long MAX_BLOCKS = 24_296_004_000L;

    private static final int BLOCK = 16;

    private final long maxFrames;
    private final long maxBlocks;
    private final AtomicLong frames = new AtomicLong();
    private final AtomicLong blocks = new AtomicLong();

    public KeyLife() {
        this(MAX_FRAMES, MAX_BLOCKS);
    }

    /** With lower bounds, for example for tests. */
    public KeyLife(long maxFrames, long maxBlocks) {
        this.maxFrames = Math.min(maxFrames, MAX_FRAMES);
        this.maxBlocks = Math.min(maxBlocks, MAX_BLOCKS);
    }

    /** Frames that this key may protect. */
    long frameBound() {
        return maxFrames;
    }

    /**
     * Counts a frame that is about to be sealed or was opened.
     *
     * @param length of the whole frame in bytes
     * @return false once the key is used up: the frame must neither be sent nor taken
     */
    public boolean use(int length) {
        return use(1, length);
    }

    /**
     * Counts the frames of a body.
     *
     * @param count how many
     * @param length of all of them together in bytes
     * @return as {@link #use(int)}
     */
    public boolean use(int count, int length) {
        long usedFrames = frames.addAndGet(count);
        // The last block of each frame counts as a whole one, even if it holds one byte.
        long usedBlocks = blocks.addAndGet((length + (BLOCK - 1L) * count) / BLOCK);
        return usedFrames <= maxFrames && usedBlocks <= maxBlocks;
    }

    /** Whether 7/8 of either bound has been used, so that a client should initialise anew. */
    public boolean isEnding() {
        return frames.get() >= maxFrames / 8 * 7 || blocks.get() >= maxBlocks / 8 * 7;
    }
}
