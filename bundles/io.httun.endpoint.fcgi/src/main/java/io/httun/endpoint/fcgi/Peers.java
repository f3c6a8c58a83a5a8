// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.fcgi;

import io.httun.api.config.ConfigException;
import io.netty.handler.ipfilter.IpFilterRuleType;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.List;

/** The web servers that may connect over TCP. */
record Peers(List<IpSubnetFilterRule> rules) {
    static Peers parse(String[] texts) {
        return new Peers(Arrays.stream(texts).map(Peers::rule).toList());
    }

    private static IpSubnetFilterRule rule(String text) {
        String[] parts = text.split("/", -1);
        byte[] address = NetUtil.createByteArrayFromIpAddressString(parts[0]);
        if (address != null && parts.length <= 2) {
            int bits = address.length * Byte.SIZE;
            String prefix = parts.length == 2 ? parts[1] : "" + bits;
            if (prefix.matches("[0-9]{1,3}") && Integer.parseInt(prefix) <= bits) {
                return new IpSubnetFilterRule(parts[0], Integer.parseInt(prefix), IpFilterRuleType.ACCEPT);
            }
        }
        throw new ConfigException("peers", text, "must be ADDRESS or ADDRESS/PREFIX, such as 127.0.0.0/8");
    }

    /** Always true where there is no address: a Unix socket's file has decided then. */
    boolean allow(SocketAddress peer) {
        return !(peer instanceof InetSocketAddress inet) || rules.stream().anyMatch(rule -> rule.matches(inet));
    }
}
