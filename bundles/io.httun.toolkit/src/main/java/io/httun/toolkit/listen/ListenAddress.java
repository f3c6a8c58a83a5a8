// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.listen;

import io.httun.api.config.ConfigException;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * One place to listen at. {@code toString} is as configured.
 *
 * @param tls whether connections begin with TLS; never at a Unix domain socket
 * @param tcp null for a Unix domain socket
 * @param unix null for a TCP port
 */
public record ListenAddress(boolean tls, InetSocketAddress tcp, Path unix) {
    private static final int MAX_PORT = 0xffff;
    private static final String TLS = "tls:";
    private static final String UNIX = "unix:";

    /** The kernel's limit is 107 bytes; the temporary name of the socket is longer by a few. */
    private static final int MAX_PATH = 100;

    /**
     * Reads {@code ADDRESS:PORT}, {@code tls:ADDRESS:PORT} or {@code unix:/PATH}.
     *
     * @param property names it in the exception
     * @param expected what would be right, for example {@code "must be ADDRESS:PORT such as 127.0.0.1:8080"}
     * @throws ConfigException if it is none of these
     */
    public static ListenAddress parse(String property, String text, String expected) {
        if (text.startsWith(UNIX)) {
            Path path = Path.of(text.substring(UNIX.length()));
            if (!path.isAbsolute() || path.toString().getBytes(StandardCharsets.UTF_8).length > MAX_PATH) {
                throw new ConfigException(
                        property, text, "a Unix socket's path must be absolute and of at most " + MAX_PATH + " bytes");
            }
            return new ListenAddress(false, null, path.normalize());
        }
        boolean tls = text.startsWith(TLS);
        return new ListenAddress(tls, parseTcp(property, tls ? text.substring(TLS.length()) : text, expected), null);
    }

    /**
     * Reads {@code ADDRESS:PORT}, {@code [IPv6]:PORT}, {@code localhost:PORT} or {@code *:PORT}; looks up no name.
     *
     * @throws ConfigException as {@link #parse}
     */
    public static InetSocketAddress parseTcp(String property, String text, String expected) {
        int colon = text.lastIndexOf(':');
        String port = text.substring(colon + 1);
        if (colon > 0 && port.matches("[0-9]{1,5}") && Integer.parseInt(port) <= MAX_PORT) {
            String host = text.substring(0, colon);
            boolean brackets = host.startsWith("[") && host.endsWith("]");
            String plain = brackets ? host.substring(1, host.length() - 1) : host;
            if (plain.equals("*")) {
                return new InetSocketAddress(Integer.parseInt(port));
            }
            InetAddress address = plain.equals("localhost")
                    ? NetUtil.LOCALHOST4
                    : NetUtil.createInetAddressFromIpAddressString(plain);
            if (address != null && brackets == (plain.indexOf(':') >= 0)) {
                return new InetSocketAddress(address, Integer.parseInt(port));
            }
        }
        throw new ConfigException(property, text, expected);
    }

    /** Address and port in numbers, never as names. */
    public static String text(InetSocketAddress tcp) {
        return NetUtil.toSocketAddressString(NetUtil.toAddressString(tcp.getAddress()), tcp.getPort());
    }

    public boolean isUnix() {
        return tcp == null;
    }

    /** Whether other machines can reach it. */
    public boolean isOpenToOthers() {
        return !isUnix() && !tcp.getAddress().isLoopbackAddress();
    }

    /** Whether both cannot be listened at together, though they differ. */
    public boolean clashesWith(ListenAddress other) {
        return isUnix() ? unix.equals(other.unix) : !other.isUnix() && tcp.getPort() == other.tcp.getPort();
    }

    @Override
    public String toString() {
        return isUnix() ? UNIX + unix : (tls ? TLS : "") + text(tcp);
    }

    /** Whether two sockets cannot listen on both at once. */
    public static boolean clash(InetSocketAddress a, InetSocketAddress b) {
        InetAddress one = a.getAddress();
        InetAddress other = b.getAddress();
        return a.getPort() == b.getPort()
                && (one.isAnyLocalAddress() || other.isAnyLocalAddress() || one.equals(other));
    }
}
