// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import java.util.Map;

/**
 * Which limits of the path the configuration sets: these hold, whatever a probe finds.
 *
 * @param keepAlive {@code http.keep.alive}
 * @param connections {@code http.connections.max}
 * @param bodies {@code http.batches}
 */
record ExplicitLimits(boolean keepAlive, boolean connections, boolean bodies) {
    static final ExplicitLimits NONE = new ExplicitLimits(false, false, false);

    static ExplicitLimits of(Map<String, ?> properties) {
        return new ExplicitLimits(
                properties.containsKey("http.keep.alive"),
                properties.containsKey("http.connections.max"),
                properties.containsKey("http.batches"));
    }
}
