// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Limits the rate of inits that a channel answers. Anybody may have recorded an init, so repeated ones have a low limit of their
 * own and cannot crowd out new ones.
 */
final class InitLimit {
    private static final int REPEATED_PER_SECOND = 20;
    private static final int REMEMBERED = 16_384;

    private final TokenBucket all = new TokenBucket();
    private final TokenBucket repeated = new TokenBucket();
    private final Map<ByteBuffer, Boolean> seen = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Boolean> eldest) {
            return size() > REMEMBERED;
        }
    };

    /** @param publicKey the client's, new for every init; not changed afterwards */
    boolean allows(byte[] publicKey, int perSecond) {
        boolean known;
        synchronized (seen) {
            known = seen.put(ByteBuffer.wrap(publicKey), Boolean.TRUE) != null;
        }
        return (!known || repeated.take(REPEATED_PER_SECOND)) && all.take(perSecond);
    }
}
