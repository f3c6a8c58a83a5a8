// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.fcgi;

import io.httun.api.config.ConfigException;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where an endpoint listens; {@code toString} is as configured. */
sealed interface ListenAddress {
    /** A TCP port. */
    record Tcp(InetSocketAddress address) implements ListenAddress {
        @Override
        public String toString() {
            return NetUtil.toSocketAddressString(address);
        }
    }

    /** A Unix domain socket. */
    record Unix(Path path) implements ListenAddress {
        @Override
        public String toString() {
            return PREFIX + path;
        }
    }

    String PREFIX = "unix:";

    /** What the kernel takes is 107 bytes; the socket is made under a name that is longer by a few. */
    int MAX_PATH = 100;

    Pattern TCP = Pattern.compile("(?:\\[([0-9A-Fa-f:.]+)]|([0-9.]+)):([0-9]{1,5})");

    static ListenAddress parse(String text) {
        if (text.startsWith(PREFIX)) {
            Path path = Path.of(text.substring(PREFIX.length()));
            if (!path.isAbsolute() || path.toString().getBytes(StandardCharsets.UTF_8).length > MAX_PATH) {
                throw new ConfigException(
                        "listen", text, "a Unix socket's path must be absolute and of at most " + MAX_PATH + " bytes");
            }
            return new Unix(path.normalize());
        }
        Matcher matcher = TCP.matcher(text);
        if (matcher.matches()) {
            String ip = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
            int port = Integer.parseInt(matcher.group(3));
            byte[] bytes = NetUtil.createByteArrayFromIpAddressString(ip);
            if (bytes != null && port <= 0xffff) {
                return new Tcp(new InetSocketAddress(address(bytes), port));
            }
        }
        throw new ConfigException("listen", text, "must be ADDRESS:PORT, [ADDRESS]:PORT or unix:/absolute/path");
    }

    private static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address has 4 or 16 bytes", e);
        }
    }
}
