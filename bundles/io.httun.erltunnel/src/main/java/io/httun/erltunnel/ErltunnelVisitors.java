// SPDX-License-Identifier: Apache-2.0
package io.httun.erltunnel;

import io.httun.api.relay.RelayOrigin;
import io.httun.api.target.Target;
import io.httun.toolkit.carried.CarriedGate;
import io.httun.toolkit.carried.InboundConnection;
import io.httun.toolkit.carried.PortServer;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpRequestDecoder;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A server's tunnels by id. Ids are random, because an id is the only credential of a tunnel. On one event loop. */
final class ErltunnelVisitors implements PortServer.Visitors<ErltunnelServerSettings> {
    private static final int ID_BITS = 63;
    private static final int MAX_LINE = 4096;
    private static final int REMEMBER_SECONDS = 30;

    private final CarriedGate<ErltunnelServerSettings> gate;
    private final SecureRandom random = new SecureRandom();
    private final Map<BigInteger, ErltunnelServerTunnel> tunnels = new ConcurrentHashMap<>();

    ErltunnelVisitors(ErltunnelServerSettings settings, RelayOrigin origin) {
        this.gate = new CarriedGate<>(settings, origin);
    }

    @Override
    public void change(ErltunnelServerSettings next) {
        gate.change(next);
    }

    ErltunnelServerSettings settings() {
        return gate.settings();
    }

    void refused(String cause) {
        gate.refused(cause);
    }

    @Override
    public void accept(SocketChannel channel) {
        if (gate.admits(channel)) {
            HttpDecoderConfig limits =
                    new HttpDecoderConfig().setMaxInitialLineLength(MAX_LINE).setMaxHeaderSize(2 * MAX_LINE);
            channel.pipeline()
                    .addLast(
                            new HttpRequestDecoder(limits),
                            new RequestLogin(gate, channel),
                            new HttpObjectAggregator(Polls.MAX_BODY, true),
                            new ServerLink(this, channel));
        }
    }

    /** Hands a message to its tunnel, or begins one. */
    void take(ServerLink link, Message message) {
        gate.served(link.channel());
        String source = CarriedGate.source(link.channel());
        if (message instanceof Message.Open open) {
            open(link, source, open);
        } else if (message instanceof Message.Data data) {
            ErltunnelServerTunnel tunnel = find(link, source, data.id());
            if (tunnel != null) {
                tunnel.data(link, data.bytes());
            }
        } else if (message instanceof Message.Close close) {
            ErltunnelServerTunnel tunnel = find(link, source, close.id());
            if (tunnel != null) {
                tunnels.remove(close.id());
                tunnel.close(link);
            }
        } else {
            refused("malformed term");
            link.drop();
        }
    }

    private ErltunnelServerTunnel find(ServerLink link, String source, BigInteger id) {
        ErltunnelServerTunnel tunnel = tunnels.get(id);
        if (tunnel == null || tunnel.isAborted()) {
            if (tunnel == null) {
                gate.guessed(source, "an unknown id");
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
        ErltunnelServerTunnel tunnel = new ErltunnelServerTunnel(
                id,
                link.channel().eventLoop(),
                link.channel().remoteAddress(),
                settings().idleSeconds());
        link.of(tunnel);
        tunnel.channel().closeFuture().addListener(closed -> tunnel.channel()
                .whenStuck(REMEMBER_SECONDS, () -> forget(tunnel)));
        InboundConnection.open(
                gate.origin(),
                tunnel.channel(),
                source,
                target,
                () -> {
                    tunnels.put(id, tunnel);
                    tunnel.opened(link);
                    link.answer(Terms.ok(link.alloc(), id), false);
                },
                cause -> {
                    tunnel.channel().close();
                    link.answer(Terms.error(link.alloc()), true);
                });
    }

    private void forget(ErltunnelServerTunnel tunnel) {
        tunnels.remove(tunnel.id(), tunnel);
        tunnel.channel().dropTail();
    }
}
