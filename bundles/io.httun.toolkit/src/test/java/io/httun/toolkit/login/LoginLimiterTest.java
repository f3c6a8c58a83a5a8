// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.login;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LoginLimiterTest {
    private final AtomicLong clock = new AtomicLong();
    private final LoginLimiter limiter = new LoginLimiter(clock::get);

    @Test
    void allAddressesOfAnIpv6NetworkAreOneSource() {
        for (int i = 0; i < 10; i++) {
            assertThat(limiter.take("2001:db8:1:2::" + i)).isTrue();
        }
        assertThat(limiter.isRefused("2001:db8:1:2:ffff::1")).isTrue();
        assertThat(limiter.take("2001:db8:1:2:3:4:5:6")).isFalse();
        assertThat(limiter.isRefused("2001:db8:1:3::1")).isFalse();
        limiter.giveBack("2001:db8:1:2::abcd");
        assertThat(limiter.isRefused("2001:db8:1:2::1")).isFalse();
    }

    @Test
    void mappedIpv4AddressesAreSourcesOfTheirOwn() {
        for (int i = 0; i < 10; i++) {
            limiter.count("::ffff:192.0.2.1");
        }
        assertThat(limiter.isRefused("192.0.2.1")).isTrue();
        assertThat(limiter.isRefused("::ffff:192.0.2.2")).isFalse();
    }

    @Test
    void theTenthFailureWithinAMinuteRefusesForAMinute() {
        for (int i = 0; i < 9; i++) {
            limiter.count("a");
        }
        assertThat(limiter.isRefused("a")).isFalse();
        clock.addAndGet(TimeUnit.SECONDS.toNanos(30));
        limiter.count("a");
        assertThat(limiter.isRefused("a")).isTrue();
        assertThat(limiter.isRefused("b")).isFalse();
        clock.addAndGet(TimeUnit.SECONDS.toNanos(59));
        assertThat(limiter.isRefused("a")).isTrue();
        clock.addAndGet(TimeUnit.SECONDS.toNanos(1));
        assertThat(limiter.isRefused("a")).isFalse();
    }

    @Test
    void slowFailureesAreForgotten() {
        for (int i = 0; i < 30; i++) {
            limiter.count("a");
            clock.addAndGet(TimeUnit.SECONDS.toNanos(10));
        }
        assertThat(limiter.isRefused("a")).isFalse();
    }
}
