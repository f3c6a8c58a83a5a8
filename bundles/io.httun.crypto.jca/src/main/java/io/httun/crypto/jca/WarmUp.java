// SPDX-License-Identifier: Apache-2.0
package io.httun.crypto.jca;

import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.FrameKey;
import java.security.SecureRandom;
import java.time.Duration;

/**
 * Seals and opens frames of no meaning until the JIT has compiled the cipher with its intrinsics; before that it runs a
 * hundred times slower, and the first downloads would pay for it. Runs beside the start of the other bundles.
 */
final class WarmUp implements Runnable {
    static final int FRAMES = 600;

    private static final Duration LIMIT = Duration.ofSeconds(2);
    private static final int SMALL = 1_400;
    private static final int LARGE = 65_535;
    private static final int LARGE_EVERY = 8;

    private final FrameCipher cipher;
    private volatile boolean stopped;

    private WarmUp(FrameCipher cipher) {
        this.cipher = cipher;
    }

    static WarmUp start(FrameCipher cipher) {
        WarmUp warmUp = new WarmUp(cipher);
        Thread thread = new Thread(warmUp, "httun-crypto-warm-up");
        thread.setDaemon(true);
        thread.start();
        return warmUp;
    }

    void stop() {
        stopped = true;
    }

    @Override
    public void run() {
        SecureRandom random = new SecureRandom();
        byte[] secret = new byte[FrameKey.LENGTH];
        random.nextBytes(secret);
        FrameKey key = new FrameKey(secret);
        int overhead = FrameCipher.SEALED_OFFSET + FrameCipher.TAG_LENGTH;
        byte[] frame = new byte[LARGE + overhead];
        byte[] out = new byte[LARGE + overhead];
        long end = System.nanoTime() + LIMIT.toNanos();
        for (int i = 0; i < FRAMES && !stopped && System.nanoTime() < end; i++) {
            int plain = i % LARGE_EVERY == 0 ? LARGE : SMALL;
            frame[1] = (byte) i;
            frame[2] = (byte) (i >>> Byte.SIZE);
            cipher.seal(key, frame, 0, plain);
            if (!cipher.open(key, frame, 0, plain + overhead, out, 0)) {
                throw new IllegalStateException("AES-GCM of this JVM does not open what it sealed");
            }
        }
        key.destroy();
    }
}
