// SPDX-License-Identifier: Apache-2.0
package io.httun.gnuhttptunnel;

import io.httun.api.relay.RelayOrigin;
import io.httun.toolkit.carried.CarriedGate;
import io.httun.toolkit.carried.InboundConnection;
import io.httun.toolkit.carried.PortServer;
import io.netty.channel.socket.SocketChannel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A server's tunnels: one for each client address, because no request says more about whom it belongs to. On one event loop. */
final class GnuHttptunnelVisitors implements PortServer.Visitors<GnuHttptunnelServerSettings> {
    private final CarriedGate<GnuHttptunnelServerSettings> gate;
    private final Map<String, GnuHttptunnelServerTunnel> tunnels = new ConcurrentHashMap<>();

    GnuHttptunnelVisitors(GnuHttptunnelServerSettings settings, RelayOrigin origin) {
        this.gate = new CarriedGate<>(settings, origin);
    }

    @Override
    public void change(GnuHttptunnelServerSettings next) {
        gate.change(next);
    }

    GnuHttptunnelServerSettings settings() {
        return gate.settings();
    }

    @Override
    public void accept(SocketChannel channel) {
        if (gate.admits(channel)) {
            channel.pipeline().addLast(new RequestLink(this, channel));
        }
    }

    /**
     * Finds the tunnel that a request belongs to, or begins one.
     *
     * @param firstByte of a POST's body: OPEN begins a tunnel, anything else goes on with one
     * @return null where it belongs nowhere
     */
    GnuHttptunnelServerTunnel take(RequestLink link, RequestHead head, int firstByte) {
        SocketChannel channel = (SocketChannel) link.channel();
        if (!gate.admits(channel, head.authorization())) {
            return null;
        }
        gate.served(channel);
        String source = CarriedGate.source(channel);
        GnuHttptunnelServerTunnel tunnel = tunnels.get(source);
        boolean opens = head.get() || firstByte == FrameReader.OPEN;
        if (tunnel == null && opens) {
            tunnel = new GnuHttptunnelServerTunnel(this, source, link.channel());
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

    void open(GnuHttptunnelServerTunnel tunnel) {
        InboundConnection.open(
                gate.origin(),
                tunnel.channel(),
                tunnel.source(),
                settings().target(),
                tunnel::opened,
                refusal -> tunnel.refused());
    }

    void left(GnuHttptunnelServerTunnel tunnel) {
        tunnels.remove(tunnel.source(), tunnel);
    }

    void refused(String cause) {
        gate.refused(cause);
    }
}
