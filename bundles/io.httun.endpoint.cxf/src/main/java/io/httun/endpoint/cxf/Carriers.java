// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.cxf;

import io.httun.api.tunnel.Carrier;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.servlet.http.HttpServletRequest;

/**
 * One {@link Carrier} per HTTP connection, told apart by the peer's address and port because a servlet sees no more of
 * it. Bounded: the connection that was quiet for longest is forgotten. Thread-safe.
 */
final class Carriers {
    private static final int MAX = 16_384;

    private final Map<String, Carrier> byPeer = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Carrier> eldest) {
            return size() > MAX;
        }
    };

    Carrier of(HttpServletRequest request) {
        String address = request.getRemoteAddr();
        String key = address + ' ' + request.getRemotePort();
        synchronized (byPeer) {
            return byPeer.computeIfAbsent(key, peer -> new Carrier(address));
        }
    }
}
