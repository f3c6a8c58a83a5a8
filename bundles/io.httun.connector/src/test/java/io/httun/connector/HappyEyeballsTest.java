// SPDX-License-Identifier: Apache-2.0
package io.httun.connector;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.target.Target;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

class HappyEyeballsTest {
    private static List<InetAddress> addresses(String... literals) {
        return List.of(literals).stream()
                .map(literal -> Target.of(literal, 1).addresses().get(0))
                .toList();
    }

    @Test
    void alternatesFamiliesFromTheFirstOneOn() {
        assertThat(HappyEyeballs.alternate(addresses("::1", "::2", "::3", "10.0.0.1", "10.0.0.2")))
                .isEqualTo(addresses("::1", "10.0.0.1", "::2", "10.0.0.2", "::3"));
        assertThat(HappyEyeballs.alternate(addresses("10.0.0.1", "10.0.0.2", "::1")))
                .isEqualTo(addresses("10.0.0.1", "::1", "10.0.0.2"));
        assertThat(HappyEyeballs.alternate(addresses("10.0.0.1"))).isEqualTo(addresses("10.0.0.1"));
    }
}
