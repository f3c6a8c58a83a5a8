// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import io.httun.api.config.ConfigException;
import io.httun.toolkit.net.NetworkSet;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;

/**
 * The proxies in front, and what they are believed.
 *
 * @param networks their addresses
 * @param includeUnix whether those that come by a Unix domain socket are among them
 * @param protocol whether their connections begin with a PROXY header
 * @param header the one in which they name their client; empty for none
 */
record Proxies(NetworkSet networks, boolean includeUnix, boolean protocol, String header) {
    private static final String UNIX = "unix";

    static Proxies of(String[] named, boolean protocol, String header) {
        if (!List.of("x-forwarded-for", "forwarded", "none").contains(header)) {
            throw new ConfigException("proxy.header", header, "must be x-forwarded-for, forwarded or none");
        }
        if (protocol && named.length == 0) {
            throw new ConfigException("proxy.protocol", true, "needs the addresses of the proxies in proxies");
        }
        List<String> addresses =
                Arrays.stream(named).filter(one -> !one.equals(UNIX)).toList();
        return new Proxies(
                NetworkSet.parse("proxies", addresses),
                addresses.size() < named.length,
                protocol,
                header.equals("none") ? "" : header);
    }

    boolean include(InetAddress address) {
        return networks.contains(address);
    }
}
