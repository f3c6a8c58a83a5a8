// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.fcgi;

import io.httun.api.HttunException;
import io.httun.api.listen.ListenAddress;
import io.httun.api.listen.ListeningSocket;
import io.httun.api.listen.SocketAccess;
import io.httun.api.tunnel.BulkSockets;
import io.httun.api.tunnel.EventLoops;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The listening sockets of one endpoint. */
final class Listeners {
    private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);

    private final EventLoops loops;
    private final ChannelHandler accepted;
    private final Map<ListenAddress, ListeningSocket> open = new LinkedHashMap<>();
    private SocketAccess access;

    Listeners(EventLoops loops, ChannelHandler accepted) {
        this.loops = loops;
        this.accepted = accepted;
    }

    /**
     * Listens where these settings say and nowhere else; what is open already stays open.
     *
     * @throws HttunException if one of the addresses cannot be had; everything is as before then
     */
    synchronized void open(FcgiEndpointSettings settings) {
        Map<ListenAddress, ListeningSocket> added = new LinkedHashMap<>();
        try {
            for (ListenAddress address : settings.listen()) {
                if (!open.containsKey(address)) {
                    added.put(address, open(address, settings.access()));
                } else {
                    open.get(address).change(settings.access());
                }
            }
        } catch (HttunException e) {
            added.values().forEach(ListeningSocket::close);
            open.values().forEach(socket -> socket.change(access));
            throw e;
        }
        open.keySet().stream()
                .filter(address -> !settings.listen().contains(address))
                .toList()
                .forEach(address -> open.remove(address).close());
        open.putAll(added);
        access = settings.access();
        added.values()
                .forEach(socket ->
                        LOG.info("Endpoint {} takes FastCGI requests at {}", settings.name(), socket.bound()));
    }

    private ListeningSocket open(ListenAddress address, SocketAccess wanted) {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .childOption(
                        ChannelOption.RECVBUF_ALLOCATOR,
                        new FixedRecvByteBufAllocator(BulkSockets.READ_BYTES).maxMessagesPerRead(2))
                .childHandler(accepted);
        try {
            return ListeningSocket.open(bootstrap, loops, address, wanted);
        } catch (HttunException e) {
            throw new HttunException("cannot listen on " + address + ": " + e.getMessage(), e);
        }
    }

    synchronized boolean isOpen() {
        return !open.isEmpty();
    }

    synchronized String addresses() {
        return open.values().stream().map(socket -> socket.bound().toString()).collect(Collectors.joining(", "));
    }

    synchronized void close() {
        open.values().forEach(ListeningSocket::close);
        open.clear();
    }
}
