// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Comparator;
import java.util.List;

/** The preferred addresses of a server. */
enum AddressFamily {
    ANY,
    IPV4,
    IPV6;

    /** Preferred addresses first, otherwise in the given order. */
    List<InetAddress> order(List<InetAddress> addresses) {
        if (this == ANY) {
            return addresses;
        }
        return addresses.stream()
                .sorted(Comparator.comparing(address -> address instanceof Inet4Address != (this == IPV4)))
                .toList();
    }
}
