// SPDX-License-Identifier: Apache-2.0
package io.httun.leaks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetector.Level;
import org.junit.jupiter.api.Test;

/** Proves that the build would see a leak. */
class LeakCheckTest {
    @Test
    void seesABufferThatNobodyReleased() {
        assertThat(ResourceLeakDetector.getLevel()).isEqualTo(Level.PARANOID);
        assertThat(LeakCheck.find()).isEmpty();
        leak();
        await().until(() -> !LeakCheck.find().isEmpty());
        assertThat(RecordingLeakDetector.reports().get(0)).contains("LeakCheckTest.leak");
        // It was wanted, and must not fail this build.
        RecordingLeakDetector.forget();
    }

    private static void leak() {
        PooledByteBufAllocator.DEFAULT.buffer(7).writeByte(1).touch();
    }
}
