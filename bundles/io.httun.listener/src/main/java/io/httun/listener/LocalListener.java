// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.relay.RelayConnection;
import io.httun.api.relay.RelayEngine;
import io.httun.api.relay.RelayOrigin;
import io.httun.api.status.StatusSource.ListenerStatus;
import io.httun.api.target.TargetConnector;
import io.httun.api.tunnel.BulkSockets;
import io.httun.api.tunnel.EventLoops;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.NetUtil;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/** Accepts connections and hands each to its negotiation; the engine keeps the books on them. One per configured listener. */
final class LocalListener {
    private final String kind;
    private final RelayEngine engine;
    private final Supplier<TargetConnector> connector;
    private final BiFunction<RelayConnection, ListenerSettings, ChannelHandler> negotiation;
    private final Binding binding;

    private volatile ListenerSettings settings;
    private volatile RelayOrigin origin;

    /**
     * @param connector gives null while the connector is not there
     * @param negotiation makes the handler that finds out what a client wants
     */
    LocalListener(
            String kind,
            EventLoops loops,
            RelayEngine engine,
            Supplier<TargetConnector> connector,
            BiFunction<RelayConnection, ListenerSettings, ChannelHandler> negotiation) {
        this.kind = kind;
        this.engine = engine;
        this.connector = connector;
        this.negotiation = negotiation;
        this.binding = new Binding(loops, new ChannelInitializer<SocketChannel>() {
            @Override
            protected void initChannel(SocketChannel channel) {
                accept(channel);
            }
        });
    }

    void start(ListenerSettings first) {
        settings = first;
        origin = engine.open(first.relay(), connector);
        binding.open(first);
    }

    /** Open connections run on; only another address, or a fallback now allowed, opens a new socket. */
    void change(ListenerSettings next) {
        ListenerSettings old = settings;
        settings = next;
        origin.change(next.relay());
        if (!next.bind().equals(old.bind()) || next.bindFallback() != old.bindFallback()) {
            binding.open(next);
        }
    }

    /** Frees the port and resets every connection. */
    void stop() {
        binding.close();
        origin.close();
    }

    private void accept(SocketChannel channel) {
        BulkSockets.tune(channel);
        String source = channel.remoteAddress() == null
                ? ""
                : NetUtil.toAddressString(channel.remoteAddress().getAddress());
        Optional<RelayConnection> connection = origin.accept(channel, source);
        if (connection.isEmpty()) {
            BulkSockets.reset(channel);
        } else {
            channel.pipeline().addLast(negotiation.apply(connection.get(), settings));
        }
    }

    ListenerStatus status() {
        return new ListenerStatus(
                settings.name(),
                kind,
                binding.address(),
                binding.state(),
                origin.open(),
                origin.accepted(),
                origin.refused());
    }

    RelayOrigin origin() {
        return origin;
    }
}
