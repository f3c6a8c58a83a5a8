// SPDX-License-Identifier: Apache-2.0
package io.httun.gnuhttptunnel;

import io.httun.api.carried.Guesses;
import io.httun.api.carried.InboundConnection;
import io.httun.api.carried.PortServer;
import io.httun.api.relay.RelayOrigin;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.NetUtil;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A server's tunnels: one for each client address, because no request says more about whom it belongs to. On one event loop. */
final class Tunnels implements PortServer.Visitors<ServerSettings> {
    private volatile ServerSettings settings;
    private final RelayOrigin origin;
    private final Guesses guesses = new Guesses();
    private final Map<String, ServerTunnel> tunnels = new ConcurrentHashMap<>();

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

    @Override
    public void accept(SocketChannel channel) {
        String source = source(channel);
        if (!settings.sources().holds(source) || guesses.isRefused(source)) {
            refused(guesses.isRefused(source) ? "too many wrong guesses" : "a source that is not among sources");
            channel.close();
        } else {
            channel.pipeline().addLast(new Link(this, channel));
        }
    }

    private static String source(SocketChannel channel) {
        return NetUtil.toAddressString(channel.remoteAddress().getAddress(), true);
    }

    /**
     * Finds the tunnel that a request belongs to, or begins one.
     *
     * @param firstByte of a POST's body: OPEN begins a tunnel, anything else goes on with one
     * @return null where it belongs nowhere
     */
    ServerTunnel take(Link link, RequestHead head, int firstByte) {
        String source = source((SocketChannel) link.channel());
        if (!settings.mayUse(head.authorization())) {
            guesses.count(source);
            refused("no or wrong user and password");
            return null;
        }
        ServerTunnel tunnel = tunnels.get(source);
        boolean opens = head.get() || firstByte == FrameReader.OPEN;
        if (tunnel == null && opens) {
            tunnel = new ServerTunnel(this, source, link.channel());
            tunnels.put(source, tunnel);
        }
        if (tunnel != null && (head.get() ? tunnel.takeGet(link) : tunnel.takePost(link, opens))) {
            return tunnel;
        }
        // The last word of a tunnel that has ended already is no offence.
        if (firstByte != FrameReader.CLOSE) {
            refused(tunnel == null ? "a request that continues no tunnel" : "a second tunnel of one client address");
        }
        return null;
    }

    void open(ServerTunnel tunnel) {
        InboundConnection.open(
                origin,
                tunnel.channel(),
                tunnel.source(),
                settings.target(),
                tunnel::opened,
                refusal -> tunnel.refused());
    }

    void left(ServerTunnel tunnel) {
        tunnels.remove(tunnel.source(), tunnel);
    }

    void refused(String cause) {
        origin.refused(cause);
    }
}
