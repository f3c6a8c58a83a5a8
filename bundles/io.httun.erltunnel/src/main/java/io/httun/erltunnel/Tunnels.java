// SPDX-License-Identifier: Apache-2.0
package io.httun.erltunnel;

import io.httun.api.carried.Guesses;
import io.httun.api.carried.InboundConnection;
import io.httun.api.carried.PortServer;
import io.httun.api.relay.RelayOrigin;
import io.httun.api.target.Target;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.util.NetUtil;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A server's tunnels by id. Ids are random, because whoever knows one has the tunnel. On one event loop. */
final class Tunnels implements PortServer.Visitors<ServerSettings> {
    private static final int ID_BITS = 63;
    private static final int MAX_LINE = 4096;
    private static final int REMEMBER_SECONDS = 30;

    private final RelayOrigin origin;
    private final Guesses guesses = new Guesses();
    private final SecureRandom random = new SecureRandom();
    private final Map<BigInteger, ServerTunnel> tunnels = new ConcurrentHashMap<>();
    private volatile ServerSettings settings;

    Tunnels(ServerSettings settings, RelayOrigin origin) {
        this.settings = settings;
        this.origin = origin;
    }

    @Override
    public void change(ServerSettings next) {
        settings = next;
    }

    ServerSettings settings() {
        return settings;
    }

    void refused(String cause) {
        origin.refused(cause);
    }

    @Override
    public void accept(SocketChannel channel) {
        String source = source(channel);
        if (!settings.sources().holds(source)) {
            refused("a source that is not among sources");
            channel.close();
        } else if (guesses.isRefused(source)) {
            refused("too many wrong guesses");
            channel.close();
        } else {
            HttpDecoderConfig limits =
                    new HttpDecoderConfig().setMaxInitialLineLength(MAX_LINE).setMaxHeaderSize(2 * MAX_LINE);
            channel.pipeline()
                    .addLast(
                            new HttpRequestDecoder(limits),
                            new HttpObjectAggregator(Polls.MAX_BODY, true),
                            new ServerLink(this, channel));
        }
    }

    private static String source(SocketChannel channel) {
        return NetUtil.toAddressString(channel.remoteAddress().getAddress(), true);
    }

    /** Hands a message to its tunnel, or begins one. */
    void take(ServerLink link, String authorization, Message message) {
        String source = source(link.channel());
        if (guesses.isRefused(source) || !settings.mayUse(authorization)) {
            guesses.count(source);
            refused("no or wrong user and password, or too many wrong guesses");
            link.drop();
        } else if (message instanceof Message.Open open) {
            open(link, source, open);
        } else if (message instanceof Message.Data data) {
            ServerTunnel tunnel = find(link, source, data.id());
            if (tunnel != null) {
                tunnel.data(link, data.bytes());
            }
        } else if (message instanceof Message.Close close) {
            ServerTunnel tunnel = find(link, source, close.id());
            if (tunnel != null) {
                tunnels.remove(close.id());
                tunnel.close(link);
            }
        } else {
            refused("malformed term");
            link.drop();
        }
    }

    private ServerTunnel find(ServerLink link, String source, BigInteger id) {
        ServerTunnel tunnel = tunnels.get(id);
        if (tunnel == null || tunnel.isAborted()) {
            if (tunnel == null) {
                guesses.count(source);
                refused("an unknown id");
            }
            link.drop();
            return null;
        }
        link.of(tunnel);
        return tunnel;
    }

    private void open(ServerLink link, String source, Message.Open open) {
        Target target;
        try {
            target = Target.of(open.host(), open.port());
        } catch (IllegalArgumentException e) {
            refused("malformed target");
            link.answer(Terms.error(link.alloc()), true);
            return;
        }
        BigInteger id = new BigInteger(ID_BITS, random);
        ServerTunnel tunnel = new ServerTunnel(
                id, link.channel().eventLoop(), link.channel().remoteAddress(), settings.idleSeconds());
        link.of(tunnel);
        tunnel.channel().closeFuture().addListener(closed -> tunnel.channel()
                .whenStuck(REMEMBER_SECONDS, () -> forget(tunnel)));
        InboundConnection.open(
                origin,
                tunnel.channel(),
                source,
                target,
                () -> {
                    tunnels.put(id, tunnel);
                    tunnel.opened();
                    link.answer(Terms.ok(link.alloc(), id), false);
                },
                cause -> {
                    tunnel.channel().close();
                    link.answer(Terms.error(link.alloc()), true);
                });
    }

    private void forget(ServerTunnel tunnel) {
        tunnels.remove(tunnel.id(), tunnel);
        tunnel.channel().dropTail();
    }
}
