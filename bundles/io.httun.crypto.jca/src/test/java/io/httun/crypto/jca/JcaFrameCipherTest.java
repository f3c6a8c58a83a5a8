// SPDX-License-Identifier: Apache-2.0
package io.httun.crypto.jca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.FrameKey;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class JcaFrameCipherTest {
    private static final int OVERHEAD = FrameCipher.SEALED_OFFSET + FrameCipher.TAG_LENGTH;

    @Test
    void refusesToSealTwiceUnderOneNonce() {
        JcaFrameCipher cipher = new JcaFrameCipher();
        FrameKey key = new FrameKey(new byte[FrameKey.LENGTH]);
        byte[] frame = new byte[OVERHEAD];
        cipher.seal(key, frame, 0, 0);
        assertThatThrownBy(() -> cipher.seal(key, frame, 0, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("got a nonce that was already used with this key");
    }

    @Test
    void leavesNothingOnTheThreadsOfOthersThatHoldsItsClassLoader() throws Exception {
        ExecutorService eventLoop = Executors.newSingleThreadExecutor();
        try {
            WeakReference<ClassLoader> loader = eventLoop
                    .submit(JcaFrameCipherTest::sealWithABundleOfItsOwn)
                    .get();
            await().untilAsserted(() -> {
                System.gc();
                assertThat(loader.get()).isNull();
            });
        } finally {
            eventLoop.shutdown();
        }
    }

    private static WeakReference<ClassLoader> sealWithABundleOfItsOwn()
            throws IOException, ReflectiveOperationException {
        URL classes = JcaFrameCipher.class.getProtectionDomain().getCodeSource().getLocation();
        try (URLClassLoader bundle = new BundleLoader(classes)) {
            FrameCipher cipher = (FrameCipher) bundle.loadClass(JcaFrameCipher.class.getName())
                    .getConstructor()
                    .newInstance();
            assertThat(cipher.getClass()).isNotEqualTo(JcaFrameCipher.class);
            cipher.seal(new FrameKey(new byte[FrameKey.LENGTH]), new byte[OVERHEAD], 0, 0);
            return new WeakReference<>(bundle);
        }
    }

    /** Loads the classes of the bundle itself, all else from outside, as a framework does. */
    private static final class BundleLoader extends URLClassLoader {
        BundleLoader(URL classes) {
            super(new URL[] {classes}, JcaFrameCipherTest.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith(JcaFrameCipher.class.getPackageName())) {
                return super.loadClass(name, resolve);
            }
            Class<?> loaded = findLoadedClass(name);
            return loaded == null ? findClass(name) : loaded;
        }
    }

    @Test
    void warmsUpBesideEverythingElseAndEndsByItself() {
        JcaFrameCipher cipher = new JcaFrameCipher();
        AtomicInteger count = new AtomicInteger();
        WarmUp.start(new FrameCipher() {
            @Override
            public void seal(FrameKey key, byte[] frame, int offset, int plainLength) {
                cipher.seal(key, frame, offset, plainLength);
                count.incrementAndGet();
            }

            @Override
            public boolean open(FrameKey key, byte[] frame, int offset, int length, byte[] out, int outOffset) {
                return cipher.open(key, frame, offset, length, out, outOffset);
            }
        });
        await().untilAsserted(() -> assertThat(warmUpRuns()).isFalse());
        assertThat(count).hasPositiveValue();
    }

    @Test
    void stopsWarmingUpWhenItIsDeactivated() {
        JcaFrameCipher cipher = new JcaFrameCipher();
        cipher.activate();
        cipher.deactivate();
        assertThat(warmUpRuns()).isFalse();
    }

    private static boolean warmUpRuns() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("httun-crypto-warm-up"));
    }
}
