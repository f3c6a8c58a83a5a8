// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import java.util.List;

/**
 * The limits of one direction of a connection.
 *
 * @param bytesPerMinute of this connection alone; 0 = none
 * @param totals rates shared with other connections
 */
record RateLimit(long bytesPerMinute, List<SharedRate> totals) {
    boolean isNone() {
        return bytesPerMinute == 0 && totals.isEmpty();
    }
}
