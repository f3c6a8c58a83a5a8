// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.netty.util.NetUtil;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What addresses send that no key fits at once. Frames that a session is known to expect never come here, so who guesses
 * too much harms nobody behind the same proxy but those who begin. Bounded; thread-safe.
 */
final class Strangers {
    private static final int REMEMBERED = 4096;
    private static final int NETWORK_BYTES = 8;

    private final Map<String, TokenBucket> byAddress = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, TokenBucket> eldest) {
            return size() > REMEMBERED;
        }
    };

    /** Counts one request from there, and says whether it may still cost the work of looking for its session. */
    boolean mayAsk(String address, int perSecond) {
        TokenBucket bucket;
        synchronized (byAddress) {
            bucket = byAddress.computeIfAbsent(group(address), any -> new TokenBucket());
        }
        return bucket.take(perSecond);
    }

    /** One host can take addresses from an IPv6 network of 64 bits. Whose address is not known counts as one. */
    private static String group(String address) {
        if (address.indexOf(':') < 0) {
            return address;
        }
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(address);
        return bytes == null ? address : HexFormat.of().formatHex(Arrays.copyOf(bytes, NETWORK_BYTES));
    }
}
