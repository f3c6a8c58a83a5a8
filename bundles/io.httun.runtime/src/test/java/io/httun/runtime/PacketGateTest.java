// SPDX-License-Identifier: Apache-2.0
package io.httun.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.target.Decision;
import io.httun.api.tun.PacketFilter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PacketGateTest {
    private static final PacketFilter ALLOWS = (packet, offset, length) -> Decision.ALLOW;
    private static final PacketFilter DENIES = (packet, offset, length) -> Decision.deny("no");

    private final PacketGate gate = new PacketGate();

    private Decision ask(String... filters) {
        return gate.admit(List.of(filters), new byte[40], 0, 40);
    }

    @Test
    void allOfTheNamedFiltersMustAllow() {
        gate.addFilter(ALLOWS, Map.of("name", "a"));
        gate.addFilter(DENIES, Map.of("name", "d"));
        assertThat(ask()).isEqualTo(Decision.ALLOW);
        assertThat(ask("a")).isEqualTo(Decision.ALLOW);
        assertThat(ask("a", "d")).isEqualTo(Decision.deny("no"));
    }

    @Test
    void missingFilterDeniesAndAnotherRulesFromItsFirstCall() {
        assertThat(ask("a")).isEqualTo(Decision.deny("a packet filter is not available"));
        gate.addFilter(ALLOWS, Map.of("name", "a"));
        assertThat(ask("a")).isEqualTo(Decision.ALLOW);
        gate.addFilter(DENIES, Map.of("name", "a", "service.ranking", 1));
        assertThat(ask("a")).isEqualTo(Decision.deny("no"));
        gate.removeFilter(DENIES);
        assertThat(ask("a")).isEqualTo(Decision.ALLOW);
        gate.removeFilter(ALLOWS);
        assertThat(ask("a")).isInstanceOf(Decision.Deny.class);
    }

    @Test
    void brokenFilterDenies() {
        gate.addFilter(
                (packet, offset, length) -> {
                    throw new IllegalStateException("broken");
                },
                Map.of("name", "b"));
        assertThat(ask("b")).isEqualTo(Decision.deny("a packet filter failed"));
    }
}
