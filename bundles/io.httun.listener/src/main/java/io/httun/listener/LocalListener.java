// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.relay.EndCause;
import io.httun.api.relay.RelayConnection;
import io.httun.api.relay.RelayOrigin;
import io.httun.api.status.ListenerStatus;
import io.httun.api.status.Problem;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.TargetConnector;
import io.httun.toolkit.listen.ListenAddress;
import io.httun.toolkit.listen.ListeningPort;
import io.httun.toolkit.listen.OpenDoor;
import io.httun.toolkit.login.LoginLimiter;
import io.httun.toolkit.login.PendingLogins;
import io.httun.toolkit.tls.TlsEnd;
import io.httun.toolkit.tunnel.BulkSockets;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.util.NetUtil;
import java.net.SocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepts connections and passes each to its negotiation; the relay engine does the accounting. One per configured
 * listener.
 */
final class LocalListener {
    private static final Logger LOG = LoggerFactory.getLogger(LocalListener.class);

    /** Maximum of concurrent refusals by protocol; fewer if TLS needs a handshake before the answer. */
    private static final int MOST_ANSWERS = 64;

    private static final int MOST_HANDSHAKES = 16;

    private final String kind;
    private final ListenerParts parts;
    private final Supplier<TargetConnector> connector;
    private final Function<ListenerClient, Negotiation> negotiation;
    private volatile ListeningPort port;
    private volatile DatagramPort datagrams;
    private final OpenDoor door = new OpenDoor(LOG);
    private final LoginLimiter guesses = new LoginLimiter();
    private final PendingLogins pending = new PendingLogins();
    /** Connections still without a PROXY header. */
    private final AtomicInteger unnamed = new AtomicInteger();

    private final AtomicInteger turnedAway = new AtomicInteger();

    private volatile ListenerSettings settings;
    private volatile RelayOrigin origin;

    /**
     * @param connector returns null while the connector is not available
     * @param negotiation creates the handler of a client
     */
    LocalListener(
            String kind,
            ListenerParts parts,
            Supplier<TargetConnector> connector,
            Function<ListenerClient, Negotiation> negotiation) {
        this.kind = kind;
        this.parts = parts;
        this.connector = connector;
        this.negotiation = negotiation;
    }

    void start(ListenerSettings first) {
        settings = first;
        look(first);
        origin = parts.engine().open(first.relay(), connector);
        port = new ListeningPort(
                "Listener " + first.name(),
                parts.loops(),
                parts.loops().group(),
                new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        accept(channel);
                    }
                },
                this::register);
        datagrams = new DatagramPort("Listener " + first.name(), parts.loops(), origin);
        open(first);
    }

    /** Opens a TCP or UDP port. */
    private void open(ListenerSettings next) {
        if (next.flows().isPresent()) {
            port.close();
            datagrams.open(next.wanted(), next.flows().get());
        } else {
            datagrams.close();
            port.open(next.wanted());
        }
    }

    private void register(Channel listening) {
        SocketAddress own = listening.localAddress();
        parts.sockets().add(own);
        listening.closeFuture().addListener(closed -> parts.sockets().remove(own));
    }

    /**
     * Applies new settings; open connections continue. Only a changed address, or a newly allowed fallback, opens
     * another socket.
     */
    void change(ListenerSettings next) {
        ListenerSettings old = settings;
        settings = next;
        look(next);
        origin.change(next.relay());
        if (!next.bind().equals(old.bind())
                || next.bindFallback() != old.bindFallback()
                || !next.flows().equals(old.flows())) {
            open(next);
        }
    }

    private void look(ListenerSettings now) {
        door.change(
                "listener " + now.name(),
                now.letsEveryoneIn(),
                ListenAddress.text(now.bind()),
                kind.equals("port")
                        ? "bind it to 127.0.0.1, require client certificates with tls.client.ca.file, or configure filters"
                                + " with rules on source="
                        : "bind it to 127.0.0.1, set users.file, or configure filters with rules on source=");
    }

    List<Problem> problems() {
        Stream<Problem> users = settings.logins().stream().flatMap(logins -> logins.problems().stream());
        return Stream.concat(door.problems().stream(), users).toList();
    }

    /** Frees the port and resets every connection. */
    void stop() {
        port.close();
        datagrams.close();
        origin.close();
    }

    private void accept(SocketChannel channel) {
        BulkSockets.tune(channel);
        String peer = channel.remoteAddress() == null
                ? ""
                : NetUtil.toAddressString(channel.remoteAddress().getAddress());
        ListenerSettings now = settings;
        if (now.proxySenders().isEmpty()) {
            if (!displacesPendingLogin(channel, peer)) {
                negotiate(channel, peer);
            }
        } else if (!now.proxySenders().get().contains(peer)) {
            refuse(channel, "the sender of the PROXY protocol header is not in proxy.protocol.from");
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
                                    this::negotiateLate,
                                    silent -> refuse(silent, "no PROXY protocol header")));
        }
    }

    private void refuse(Channel channel, String cause) {
        origin.refused(cause);
        BulkSockets.reset(channel);
    }

    /**
     * At the connection limit, closes the oldest connection without a login. Returns whether there was one; the new channel is then
     * negotiated after its close.
     */
    private boolean displacesPendingLogin(Channel channel, String source) {
        if (!settings.hasLogin() || !isFull()) {
            return false;
        }
        Optional<Channel> oldest = pending.closeOldest();
        oldest.ifPresent(closing -> closing.closeFuture()
                .addListener(closed -> channel.eventLoop().execute(() -> negotiateLate(channel, source))));
        return oldest.isPresent();
    }

    private boolean isFull() {
        return origin.open() >= settings.relay().connectionsMax();
    }

    /** Negotiates on a channel that is already active. */
    private void negotiateLate(Channel channel, String source) {
        negotiate(channel, source).ifPresent(Negotiation::start);
    }

    /** Adds the handlers of a client whose source is known; empty if it was reset because of a limit. */
    private Optional<Negotiation> negotiate(Channel channel, String source) {
        Optional<Negotiation> next =
                room(channel, source, () -> pending.remove(channel)).or(() -> turnAway(channel, source));
        if (next.isEmpty()) {
            BulkSockets.reset(channel);
            return next;
        }
        ListenerClient client = next.get().client();
        if (!client.isTurnedAway() && client.settings().hasLogin()) {
            pending.add(channel, PendingLogins.MOST, () -> channel.eventLoop().execute(() -> giveWay(client, channel)));
        }
        client.settings()
                .tls()
                .ifPresent(
                        tls -> TlsEnd.install(channel, tls.newHandler(channel.alloc(), client.negotiationSeconds())));
        channel.pipeline().addLast(next.get());
        return next;
    }

    private static void giveWay(ListenerClient client, Channel channel) {
        client.connection().refuse(EndCause.UNAUTHENTICATED, "gave way to others before it had logged in");
        BulkSockets.reset(channel);
    }

    /**
     * Registers a connection and creates its negotiation; empty if a limit refuses it.
     *
     * @param loggedIn called when the client has logged in on the channel or on one of its streams
     */
    private Optional<Negotiation> room(Channel channel, String source, Runnable loggedIn) {
        return origin.accept(channel, source)
                .map(connection -> negotiation(connection, source, loggedIn, stream -> {
                    Optional<Negotiation> next = room(stream, source, loggedIn);
                    return next.orElseGet(() -> noRoom(stream, source));
                }));
    }

    /** Creates the handler that delivers the refusal; empty if the protocol has none, or there are too many. */
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
        RelayConnection connection = new RefusedClientConnection(
                channel, isFull() || !origin.tooMany(source) ? Cause.OVERLOADED : Cause.TOO_MANY);
        return negotiation(connection, source, () -> {}, stream -> noRoom(stream, source));
    }

    private Negotiation negotiation(
            RelayConnection connection, String source, Runnable loggedIn, Function<Channel, Negotiation> streams) {
        return negotiation.apply(
                new ListenerClient(connection, source, settings, parts, guesses, loggedIn, connector, streams));
    }

    ListenerStatus status() {
        return new ListenerStatus(
                settings.name(),
                kind,
                settings.flows().isPresent() ? "udp:" + datagrams.address() : port.address(),
                settings.flows().isPresent() ? datagrams.state() : port.state(),
                origin.open(),
                origin.accepted(),
                origin.refused());
    }

    RelayOrigin origin() {
        return origin;
    }
}
