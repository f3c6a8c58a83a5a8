// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LoginPauseTest {
    private long now = -3;
    private final LoginPause pause = new LoginPause(() -> now);

    @Test
    void holdsForHalfAMinuteAfterARefusal() {
        assertThat(pause.isPaused()).isFalse();
        pause.refused("proxy p rejects the login");
        assertThat(pause.isPaused()).isTrue();
        assertThat(pause.refusal()).isEqualTo("proxy p rejects the login (tried once in 30 s)");
        now += TimeUnit.SECONDS.toNanos(30);
        assertThat(pause.isPaused()).isFalse();
    }
}
