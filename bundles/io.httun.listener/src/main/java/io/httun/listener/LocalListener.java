// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.carried.Guesses;
import io.httun.api.relay.RelayConnection;
import io.httun.api.relay.RelayOrigin;
import io.httun.api.status.StatusSource.ListenerStatus;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.TargetConnector;
import io.httun.api.tls.TlsEnd;
import io.httun.api.tunnel.BulkSockets;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.util.NetUtil;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;

/** Accepts connections and hands each to its negotiation; the engine keeps the books on them. One per configured listener. */
final class LocalListener {
    /** At once, of those that there is no room for; fewer where a handshake comes before the answer. */
    private static final int MOST_ANSWERS = 64;

    private static final int MOST_HANDSHAKES = 16;

    private final String kind;
    private final ListenerParts parts;
    private final Supplier<TargetConnector> connector;
    private final Function<Client, Negotiation> negotiation;
    private final Binding binding;
    private final Guesses guesses = new Guesses();
    /** Connections that have yet to say who is behind them, and those that have. */
    private final AtomicInteger unnamed = new AtomicInteger();

    private final AtomicInteger turnedAway = new AtomicInteger();

    private volatile ListenerSettings settings;
    private volatile RelayOrigin origin;

    /**
     * @param connector gives null while the connector is not there
     * @param negotiation makes the handler that finds out what a client wants
     */
    LocalListener(
            String kind,
            ListenerParts parts,
            Supplier<TargetConnector> connector,
            Function<Client, Negotiation> negotiation) {
        this.kind = kind;
        this.parts = parts;
        this.connector = connector;
        this.negotiation = negotiation;
        this.binding = new Binding(parts, new ChannelInitializer<SocketChannel>() {
            @Override
            protected void initChannel(SocketChannel channel) {
                accept(channel);
            }
        });
    }

    void start(ListenerSettings first) {
        settings = first;
        origin = parts.engine().open(first.relay(), connector);
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
        String peer = channel.remoteAddress() == null
                ? ""
                : NetUtil.toAddressString(channel.remoteAddress().getAddress());
        ListenerSettings now = settings;
        if (!now.proxyProtocol()) {
            negotiate(channel, peer);
        } else if (unnamed.incrementAndGet() > now.relay().connectionsMax()) {
            unnamed.decrementAndGet();
            refuse(channel, "too many connections without a PROXY protocol header");
        } else {
            channel.closeFuture().addListener(closed -> unnamed.decrementAndGet());
            channel.pipeline()
                    .addLast(
                            new HAProxyMessageDecoder(),
                            new ProxyHeader(
                                    now.negotiationSeconds(),
                                    peer,
                                    (named, source) -> negotiate(named, source).ifPresent(Negotiation::start),
                                    silent -> refuse(silent, "no PROXY protocol header")));
        }
    }

    private void refuse(Channel channel, String cause) {
        origin.refused(cause);
        BulkSockets.reset(channel);
    }

    /** Adds the handlers that talk with a client whose source is known; empty where it is reset for want of room. */
    private Optional<Negotiation> negotiate(Channel channel, String source) {
        Optional<Negotiation> next = room(channel, source).or(() -> turnAway(channel, source));
        if (next.isEmpty()) {
            BulkSockets.reset(channel);
            return next;
        }
        Client client = next.get().client();
        client.settings()
                .tls()
                .ifPresent(tls -> TlsEnd.install(
                        channel, tls.newHandler(channel.alloc(), client.negotiationSeconds(), parts.logins())));
        channel.pipeline().addLast(next.get());
        return next;
    }

    /** Takes a channel into the books, and makes the handler that is to talk with it; empty where there is no room. */
    private Optional<Negotiation> room(Channel channel, String source) {
        return origin.accept(channel, source)
                .map(connection -> negotiation(connection, source, stream -> {
                    Optional<Negotiation> next = room(stream, source);
                    return next.orElseGet(() -> noRoom(stream, source));
                }));
    }

    /** Makes the handler that says why there is no room; empty where the protocol has no word for it, or they are too many. */
    private Optional<Negotiation> turnAway(Channel channel, String source) {
        int most = settings.tls().isPresent() ? MOST_HANDSHAKES : MOST_ANSWERS;
        if (kind.equals("port")) {
            return Optional.empty();
        } else if (turnedAway.incrementAndGet() > most) {
            turnedAway.decrementAndGet();
            return Optional.empty();
        }
        channel.closeFuture().addListener(closed -> turnedAway.decrementAndGet());
        return Optional.of(noRoom(channel, source));
    }

    private Negotiation noRoom(Channel channel, String source) {
        boolean full = origin.open() >= settings.relay().connectionsMax() || !origin.tooMany(source);
        RelayConnection connection = new TurnedAway(channel, full ? Cause.OVERLOADED : Cause.TOO_MANY);
        return negotiation(connection, source, stream -> noRoom(stream, source));
    }

    private Negotiation negotiation(RelayConnection connection, String source, Function<Channel, Negotiation> streams) {
        return negotiation.apply(new Client(connection, source, settings, parts, guesses, connector, streams));
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
