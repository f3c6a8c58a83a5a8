// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import io.httun.api.relay.RelayPolicy;
import java.util.List;

/**
 * What one connection is held to.
 *
 * @param totalsTo what it shares with others, towards the target
 * @param totalsFrom what it shares with others, from the target
 */
record Limits(RelayPolicy policy, List<SharedRate> totalsTo, List<SharedRate> totalsFrom) {
    RateLimit to() {
        return new RateLimit(policy.rateTo(), totalsTo);
    }

    RateLimit from() {
        return new RateLimit(policy.rateFrom(), totalsFrom);
    }
}
