// SPDX-License-Identifier: Apache-2.0
package io.httun.api.target;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DecisionTest {
    @Test
    void allowsOrDeniesWithAReason() {
        assertThat(Decision.ALLOW).isEqualTo(new Decision.Allow());
        assertThat(Decision.deny("filter default: 10.0.0.1 is in 10.0.0.0/8"))
                .isEqualTo(new Decision.Deny("filter default: 10.0.0.1 is in 10.0.0.0/8"))
                .isNotEqualTo(Decision.ALLOW);
    }

    @Test
    void aFilterThatSaysNothingElseNeedsAddresses() {
        TargetFilter filter = target -> Decision.ALLOW;
        assertThat(filter.needsAddresses()).isTrue();
    }

    @Test
    void aRefusalIsCheapToMake() {
        RefusedException refused = new RefusedException(RefusedException.Cause.DENIED, "no");
        assertThat(refused.refusal()).isEqualTo(RefusedException.Cause.DENIED);
        assertThat(refused).hasMessage("no");
        assertThat(refused.getStackTrace()).isEmpty();
    }
}
