// SPDX-License-Identifier: Apache-2.0
package io.httun.api.stream;

import io.httun.api.config.ConfigException;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a channel's clients may listen at the server.
 *
 * @param address empty for any, also for all addresses at once
 * @param first first port
 * @param last last port
 */
public record ListenRule(Optional<InetAddress> address, int first, int last) {
    private static final Pattern FORM =
            Pattern.compile("(\\*|\\[[0-9a-fA-F:.]+]|[0-9.]+):(\\*|[0-9]{1,5})(?:-([0-9]{1,5}))?");
    private static final int MAX_PORT = 0xffff;

    /**
     * Reads {@code ADDRESS:PORT}, {@code ADDRESS:PORT-PORT} or {@code ADDRESS:*}; ADDRESS may be {@code *}, IPv6 in brackets.
     *
     * @param property names it in the exception
     * @throws ConfigException if it is none of these
     */
    public static ListenRule parse(String property, String text) {
        Matcher form = FORM.matcher(text.strip());
        if (form.matches()) {
            String host = form.group(1).replaceAll("[\\[\\]]", "");
            boolean any = form.group(2).equals("*");
            int first = any ? 1 : Integer.parseInt(form.group(2));
            int last = any ? MAX_PORT : form.group(3) == null ? first : Integer.parseInt(form.group(3));
            Optional<InetAddress> address = Optional.ofNullable(NetUtil.createInetAddressFromIpAddressString(host));
            if ((host.equals("*") || address.isPresent()) && first >= 1 && first <= last && last <= MAX_PORT) {
                return new ListenRule(address, first, last);
            }
        }
        throw new ConfigException(
                property, text, "must be ADDRESS:PORT, ADDRESS:PORT-PORT or ADDRESS:*, such as 127.0.0.1:8000-8099");
    }

    /** Whether it allows to listen there. */
    public boolean allows(InetSocketAddress wanted) {
        return wanted.getPort() >= first
                && wanted.getPort() <= last
                && (address.isEmpty() || address.get().equals(wanted.getAddress()));
    }
}
