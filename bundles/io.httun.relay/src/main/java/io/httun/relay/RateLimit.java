// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import java.util.List;

/**
 * The limits to one direction of a connection.
 *
 * @param bytesPerMinute of its own; 0 = none
 * @param totals that it shares with others
 */
record RateLimit(long bytesPerMinute, List<SharedRate> totals) {
    boolean isNone() {
        return bytesPerMinute == 0 && totals.isEmpty();
    }
}
