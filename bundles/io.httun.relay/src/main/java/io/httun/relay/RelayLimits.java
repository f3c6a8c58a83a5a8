// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import io.httun.api.relay.RelayPolicy;
import java.util.List;

/**
 * The limits of one connection.
 *
 * @param totalsTo shared rates towards the target
 * @param totalsFrom shared rates from the target
 */
record RelayLimits(RelayPolicy policy, List<SharedRate> totalsTo, List<SharedRate> totalsFrom) {
    RateLimit to() {
        return new RateLimit(policy.rateTo(), totalsTo);
    }

    RateLimit from() {
        return new RateLimit(policy.rateFrom(), totalsFrom);
    }
}
