// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listening at a path. */
final class UnixSocket {
    private static final Logger LOG = LoggerFactory.getLogger(UnixSocket.class);

    private UnixSocket() {}

    /** Removes a socket that nobody listens at any more. Returns what stands in the way, or nothing. */
    static String makeWay(String path) {
        Path file = Path.of(path);
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return Files.isDirectory(file.getParent()) ? "" : "there is no folder " + file.getParent();
        }
        try {
            if (!Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .isOther()) {
                return "the path is taken by something that is no socket";
            }
            if (isAnswered(file)) {
                return "the socket is taken: somebody listens at it";
            }
            Files.delete(file);
            return "";
        } catch (IOException e) {
            return "the path cannot be used: " + e;
        }
    }

    private static boolean isAnswered(Path file) throws IOException {
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return probe.connect(UnixDomainSocketAddress.of(file));
        } catch (java.net.ConnectException e) {
            return false;
        } catch (java.net.SocketException e) {
            return !String.valueOf(e.getMessage()).contains("refused");
        }
    }

    static ChannelFuture bind(ServerBootstrap bootstrap, String transport, String path) {
        return transport.equals("epoll")
                ? OnEpoll.bind(bootstrap, path)
                : bootstrap.channel(NioServerDomainSocketChannel.class).bind(UnixDomainSocketAddress.of(path));
    }

    static void remove(String path) {
        try {
            Files.deleteIfExists(Path.of(path));
        } catch (IOException e) {
            LOG.warn("Socket {} stays behind: {}", path, e.toString());
        }
    }

    /** Loaded only when asked for: the package of epoll is an optional import. */
    private static final class OnEpoll {
        static ChannelFuture bind(ServerBootstrap bootstrap, String path) {
            return bootstrap.channel(EpollServerDomainSocketChannel.class).bind(new DomainSocketAddress(path));
        }
    }
}
