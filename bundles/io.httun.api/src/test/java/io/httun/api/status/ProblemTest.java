// SPDX-License-Identifier: Apache-2.0
package io.httun.api.status;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ProblemTest {
    @Test
    void aProblemNeedsARemedy() {
        assertThatThrownBy(() -> new Problem("filter", "rules.txt is gone", " "))
                .hasMessage("a problem needs a remedy: filter: rules.txt is gone");
    }
}
