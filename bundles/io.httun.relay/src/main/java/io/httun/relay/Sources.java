// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import io.netty.util.NetUtil;
import java.util.Arrays;
import java.util.HexFormat;

/** Who counts as one source: an IPv4 address, or the network of 64 bits that one IPv6 host can take addresses from. */
final class Sources {
    private static final int NETWORK_BYTES = 8;

    private Sources() {}

    /** Anything that is no IPv6 address stands for itself. */
    static String group(String source) {
        if (source.indexOf(':') < 0) {
            return source;
        }
        byte[] address = NetUtil.createByteArrayFromIpAddressString(source);
        if (address == null) {
            return source;
        }
        return HexFormat.of().formatHex(Arrays.copyOf(address, Math.min(address.length, NETWORK_BYTES)));
    }
}
