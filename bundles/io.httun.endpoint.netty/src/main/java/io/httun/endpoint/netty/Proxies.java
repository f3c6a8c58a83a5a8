// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import io.httun.api.config.ConfigException;
import io.netty.handler.ipfilter.IpFilterRuleType;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * The proxies in front, and what they are believed.
 *
 * @param named as configured
 * @param protocol whether their connections begin with a PROXY header
 * @param header the one in which they name their client; empty for none
 */
record Proxies(List<String> named, boolean protocol, String header, List<IpSubnetFilterRule> networks) {
    private static final String UNIX = "unix";

    static Proxies of(String[] named, boolean protocol, String header) {
        if (!List.of("x-forwarded-for", "forwarded", "none").contains(header)) {
            throw new ConfigException("proxy.header", header, "must be x-forwarded-for, forwarded or none");
        }
        List<IpSubnetFilterRule> networks = new ArrayList<>();
        for (String one : named) {
            if (!one.equals(UNIX)) {
                networks.add(network(one));
            }
        }
        if (protocol && named.length == 0) {
            throw new ConfigException("proxy.protocol", true, "needs the addresses of the proxies in proxies");
        }
        return new Proxies(List.of(named), protocol, header.equals("none") ? "" : header, List.copyOf(networks));
    }

    private static IpSubnetFilterRule network(String text) {
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(address);
        String length = slash < 0 ? "" : text.substring(slash + 1);
        if (bytes != null && (slash < 0 || length.matches("[0-9]{1,3}"))) {
            int bits = bytes.length * Byte.SIZE;
            int prefix = slash < 0 ? bits : Integer.parseInt(length);
            if (prefix <= bits) {
                return new IpSubnetFilterRule(address, prefix, IpFilterRuleType.ACCEPT);
            }
        }
        throw new ConfigException("proxies", text, "must be an address, a network such as 10.0.0.0/8, or unix");
    }

    boolean include(InetAddress address) {
        if (networks.isEmpty()) {
            return false;
        }
        InetSocketAddress socket = new InetSocketAddress(address, 0);
        return networks.stream().anyMatch(network -> network.matches(socket));
    }

    boolean includeUnix() {
        return named.contains(UNIX);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Proxies that
                && named.equals(that.named)
                && protocol == that.protocol
                && header.equals(that.header);
    }

    @Override
    public int hashCode() {
        return named.hashCode();
    }
}
