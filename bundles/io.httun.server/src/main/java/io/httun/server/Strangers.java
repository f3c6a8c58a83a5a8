// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.toolkit.net.Network;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Limits the requests of each address that no likely session fits. Requests that a session expects are not counted, so an attacker
 * slows down only clients behind the same proxy that begin a session. Bounded; thread-safe.
 */
final class Strangers {
    private static final int REMEMBERED = 4096;

    private final Map<String, TokenBucket> byAddress = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, TokenBucket> eldest) {
            return size() > REMEMBERED;
        }
    };

    /** Counts one request from there (unknown addresses are one source), and says whether it may still cost the work of looking for its session. */
    boolean mayAsk(String address, int perSecond) {
        TokenBucket bucket;
        synchronized (byAddress) {
            bucket = byAddress.computeIfAbsent(Network.sourceGroup(address), any -> new TokenBucket());
        }
        return bucket.take(perSecond);
    }
}
