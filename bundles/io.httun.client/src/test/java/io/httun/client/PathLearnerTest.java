// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.util.concurrent.DefaultEventExecutor;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When a client probes its path by itself. */
class PathLearnerTest {
    private static final PathLimits NARROW = new PathLimits(4, 65_536, true);

    private final LearntPath path = new LearntPath(WayOut.DIRECT);
    private final DefaultEventExecutor timer = new DefaultEventExecutor();
    private final AtomicInteger probes = new AtomicInteger();
    private final List<String> told = new CopyOnWriteArrayList<>();
    private volatile String place = "office";
    private volatile Optional<PathLimits> found = Optional.of(NARROW);
    private final PathLearner learner = new PathLearner(
            path,
            () -> {
                probes.incrementAndGet();
                return found;
            },
            () -> place,
            timer,
            told::add);

    @AfterEach
    void close() {
        learner.close();
        timer.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    private void symptoms() {
        for (int i = 0; i < PathLearner.SYMPTOMS; i++) {
            learner.symptom();
        }
    }

    @Test
    void aFailureOrTwoIsNoReason() {
        for (int i = 1; i < PathLearner.SYMPTOMS; i++) {
            learner.symptom();
        }
        learner.answered();
        learner.recovered();
        await().during(Duration.ofMillis(2500)).until(() -> probes.get() == 0);
    }

    @Test
    void symptomsAreAReasonOnce() {
        symptoms();
        await().untilAsserted(() -> assertThat(told).containsExactly("4 requests at a time; bodies up to 65536 bytes"));
        symptoms();
        learner.recovered();
        await().during(Duration.ofMillis(2500)).until(() -> probes.get() == 1);
    }

    @Test
    void anotherPathIsProbedAgain() {
        symptoms();
        await().until(path::isLimited);
        place = "train";
        found = Optional.of(PathLimits.NONE);
        learner.recovered();
        assertThat(path.isLimited()).isFalse();
        await().untilAsserted(() -> assertThat(told).hasSize(2).endsWith(""));
    }

    @Test
    void aPathThatDoesNotWorkTeachesNothing() {
        found = Optional.empty();
        symptoms();
        await().until(() -> probes.get() == 1);
        assertThat(path.isLimited()).isFalse();
        assertThat(told).isEmpty();
    }

    @Test
    void theEndOfTheClientEndsAProbe() throws InterruptedException {
        CountDownLatch interrupted = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(1);
        PathLearner slow = new PathLearner(
                path,
                () -> {
                    begun.countDown();
                    try {
                        new CountDownLatch(1).await();
                    } finally {
                        interrupted.countDown();
                    }
                    return found;
                },
                () -> place,
                timer,
                told::add);
        for (int i = 0; i < PathLearner.SYMPTOMS; i++) {
            slow.symptom();
        }
        assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
        slow.close();
        assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(path.isLimited()).isFalse();
    }
}
