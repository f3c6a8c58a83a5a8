// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;

/** Finds the client in what a proxy says: the last address in the header that is no proxy of ours. */
final class ClientHeader {
    private ClientHeader() {}

    /** @param fallback the proxy's own address, used if the header names no client */
    static String client(Proxies proxies, List<? extends CharSequence> values, String fallback) {
        String[] hops = String.join(",", values).split(",");
        String known = fallback;
        for (int i = hops.length - 1; i >= 0; i--) {
            InetAddress hop = address(proxies.header().equals("forwarded") ? forParameter(hops[i]) : hops[i].strip());
            if (hop == null) {
                // Not something that a proxy of ours wrote, or one hides its client: what is left of it proves nothing.
                return known;
            }
            known = NetUtil.toAddressString(hop);
            if (!proxies.include(hop)) {
                return known;
            }
        }
        return known;
    }

    /** RFC 7239: the value of {@code for} in one element. */
    private static String forParameter(String element) {
        for (String pair : element.split(";")) {
            String stripped = pair.strip();
            if (stripped.toLowerCase(Locale.ROOT).startsWith("for=")) {
                return stripped.substring("for=".length()).replace("\"", "");
            }
        }
        return "";
    }

    /** With or without a port; null for anything that is not a literal address. */
    private static InetAddress address(String text) {
        String plain = text;
        if (text.startsWith("[") && text.indexOf(']') > 0) {
            plain = text.substring(1, text.indexOf(']'));
        } else if (text.indexOf(':') == text.lastIndexOf(':') && text.indexOf(':') > 0) {
            plain = text.substring(0, text.indexOf(':'));
        }
        return NetUtil.createInetAddressFromIpAddressString(plain);
    }
}
