// SPDX-License-Identifier: Apache-2.0
package io.httun.filter;

import io.httun.api.status.FilterStatus;
import io.httun.api.target.Decision;
import java.util.concurrent.atomic.LongAdder;

/** Counts the decisions of a filter; a name and each of its addresses count separately. */
final class DecisionCounter {
    private final LongAdder allowed = new LongAdder();
    private final LongAdder denied = new LongAdder();

    Decision count(Decision decision) {
        (decision instanceof Decision.Allow ? allowed : denied).increment();
        return decision;
    }

    FilterStatus status(String name, String kind, int rules) {
        return new FilterStatus(name, kind, rules, allowed.sum(), denied.sum());
    }
}
