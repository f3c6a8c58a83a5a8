// SPDX-License-Identifier: Apache-2.0
package io.httun.api.tunnel;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One {@link Carrier} per HTTP connection where an endpoint sees no more of it than the peer's address and port, because
 * a web server stands between. Bounded: the connection that was quiet for longest is forgotten. Thread-safe.
 */
public final class Carriers {
    private static final int MAX = 16_384;

    private final Map<String, Carrier> byPeer = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Carrier> eldest) {
            return size() > MAX;
        }
    };

    /** The connection from this address and port. */
    public Carrier of(String address, Object port) {
        String key = address + ' ' + port;
        synchronized (byPeer) {
            return byPeer.computeIfAbsent(key, peer -> new Carrier(address));
        }
    }
}
