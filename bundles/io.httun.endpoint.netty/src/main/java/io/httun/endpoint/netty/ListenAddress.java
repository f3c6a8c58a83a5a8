// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import io.httun.api.config.ConfigException;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * One place to listen at.
 *
 * @param tcp null for a Unix domain socket
 * @param unix path of a Unix domain socket, or empty
 */
record ListenAddress(boolean tls, InetSocketAddress tcp, String unix) {
    private static final int MAX_PORT = 0xffff;
    private static final int MAX_UNIX = 107;
    private static final String TLS = "tls:";
    private static final String UNIX = "unix:";

    static ListenAddress parse(String text) {
        if (text.startsWith(UNIX + "/") && text.length() - UNIX.length() <= MAX_UNIX) {
            return new ListenAddress(false, null, text.substring(UNIX.length()));
        }
        boolean tls = text.startsWith(TLS);
        InetSocketAddress tcp = tcp(tls ? text.substring(TLS.length()) : text);
        if (tcp == null) {
            throw new ConfigException(
                    "listen", text, "must be ADDRESS:PORT such as 127.0.0.1:8080, tls:*:8443 or unix:/run/httun.sock");
        }
        return new ListenAddress(tls, tcp, "");
    }

    private static InetSocketAddress tcp(String text) {
        int colon = text.lastIndexOf(':');
        String port = text.substring(colon + 1);
        if (colon <= 0 || !port.matches("[0-9]{1,5}") || Integer.parseInt(port) > MAX_PORT) {
            return null;
        }
        String host = text.substring(0, colon);
        boolean brackets = host.startsWith("[") && host.endsWith("]");
        String plain = brackets ? host.substring(1, host.length() - 1) : host;
        if (plain.equals("*")) {
            return new InetSocketAddress(Integer.parseInt(port));
        }
        InetAddress address =
                plain.equals("localhost") ? NetUtil.LOCALHOST4 : NetUtil.createInetAddressFromIpAddressString(plain);
        return address == null || brackets != (plain.indexOf(':') >= 0)
                ? null
                : new InetSocketAddress(address, Integer.parseInt(port));
    }

    boolean isUnix() {
        return tcp == null;
    }

    /** Whether both cannot be listened at together, though they differ. */
    boolean clashesWith(ListenAddress other) {
        return isUnix() ? unix.equals(other.unix) : !other.isUnix() && tcp.getPort() == other.tcp.getPort();
    }

    @Override
    public String toString() {
        return isUnix()
                ? UNIX + unix
                : (tls ? TLS : "")
                        + NetUtil.toSocketAddressString(NetUtil.toAddressString(tcp.getAddress()), tcp.getPort());
    }
}
