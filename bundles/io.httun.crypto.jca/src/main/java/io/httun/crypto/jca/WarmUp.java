// SPDX-License-Identifier: Apache-2.0
package io.httun.crypto.jca;

import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.FrameKey;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * Seals and opens frames of no meaning until the JIT has compiled the cipher with its intrinsics; before that it runs a
 * hundred times slower, and the first downloads would pay for it. Runs beside the start of the other bundles: about
 * 0.3 s of one core, and never more than the limit.
 */
final class WarmUp implements Runnable {
    // Measured on JDK 17: from about 2,500 frames on, both directions ran at more than 2 GB/s. Both sizes, because code
    // compiled for one alone is thrown away at the first frame of the other.
    private static final int FRAMES = 4_000;
    private static final Duration LIMIT = Duration.ofMillis(800);
    private static final int SMALL = 1_400;
    private static final int LARGE = 65_535;
    private static final int LARGE_EVERY = 8;
    private static final int OVERHEAD = FrameCipher.SEALED_OFFSET + FrameCipher.TAG_LENGTH;

    private final FrameCipher cipher;
    private final Thread thread;
    private volatile boolean stopped;

    private WarmUp(FrameCipher cipher) {
        this.cipher = cipher;
        this.thread = new Thread(this, "httun-crypto-warm-up");
    }

    static WarmUp start(FrameCipher cipher) {
        WarmUp warmUp = new WarmUp(cipher);
        warmUp.thread.setDaemon(true);
        warmUp.thread.start();
        return warmUp;
    }

    /** Ends the warm-up after the current frame, and waits for its end. */
    void stop() {
        stopped = true;
        try {
            thread.join(LIMIT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void run() {
        FrameKey key = new FrameKey(new byte[FrameKey.LENGTH]);
        ByteBuffer frame = ByteBuffer.allocate(LARGE + OVERHEAD);
        byte[] out = new byte[LARGE + OVERHEAD];
        long start = System.nanoTime();
        for (int i = 0; i < FRAMES && !stopped && System.nanoTime() - start < LIMIT.toNanos(); i++) {
            int plain = i % LARGE_EVERY == 0 ? LARGE : SMALL;
            frame.putInt(FrameCipher.TYPE_LENGTH, i);
            cipher.seal(key, frame.array(), 0, plain);
            if (!cipher.open(key, frame.array(), 0, plain + OVERHEAD, out, 0)) {
                throw new IllegalStateException("the AES-GCM of this JVM does not open its own frames");
            }
        }
    }
}
