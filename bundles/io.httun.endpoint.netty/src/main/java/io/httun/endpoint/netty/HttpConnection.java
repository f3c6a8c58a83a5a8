// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import io.httun.api.tunnel.Carrier;
import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One accepted connection: who it is, what has been counted for it, and until when it has to get on. */
final class HttpConnection {
    /** What a connection speaks, once that is known. Called on the connection's event loop. */
    interface Protocol {
        /** The deadline for what the client has to do has passed. */
        void overdue(long now);

        /** The endpoint goes away: answer who waits, then close. */
        void stop();
    }

    static final long NEVER = Long.MAX_VALUE;
    private static final int LINGER_SECONDS = 1;

    private final HttpServer server;
    private final Listening listening;
    private final Channel channel;
    private boolean proxy;
    private String counted = "";
    private Carrier carrier;
    private boolean refused;
    private volatile Protocol protocol;
    private volatile long deadline;

    HttpConnection(HttpServer server, Listening listening, Channel channel) {
        this.server = server;
        this.listening = listening;
        this.channel = channel;
        this.deadline = server.now() + TimeUnit.SECONDS.toNanos(limits().headSeconds());
        boolean full = !server.limits().enter(limits().connections());
        if (channel.remoteAddress() instanceof InetSocketAddress socket) {
            proxy = server.settings().proxies().include(socket.getAddress());
            comesFrom(socket.getAddress());
        } else {
            proxy = server.settings().proxies().includeUnix();
            carrier = new Carrier();
        }
        if (full && !refused) {
            // Strangers give way: a port that is full of them is no port that is full.
            refused = server.strangers().closeOldest().isEmpty();
        }
        if (!proxy) {
            server.strangers().add(channel, Integer.MAX_VALUE, this::giveWay);
        }
    }

    private void giveWay() {
        server.gaveWay();
        channel.close();
    }

    /** The server has seen a request of this connection. */
    void served() {
        if (carrier.isAuthenticated()) {
            server.strangers().remove(channel);
        }
    }

    /** Learns the client's true address, from the socket or from the proxy in front. */
    void comesFrom(InetAddress address) {
        String text = NetUtil.toAddressString(address);
        carrier = new Carrier(text);
        forget();
        if (!proxy || !server.settings().proxies().include(address)) {
            counted = text;
            refused |= !server.limits().enter(text, limits().perAddress());
        }
    }

    /** Whom a request of this connection comes from. Only a proxy's word counts for another than the connection's. */
    Carrier carrier(List<? extends CharSequence> clientHeader) {
        if (proxy && !clientHeader.isEmpty()) {
            String client = ClientHeader.client(server.settings().proxies(), clientHeader, carrier.peer());
            if (!client.equals(carrier.peer())) {
                carrier = new Carrier(client);
            }
        }
        return carrier;
    }

    /** Counts down what was counted: the connection has ended. */
    void ended() {
        server.limits().leave();
        forget();
    }

    private void forget() {
        if (!counted.isEmpty()) {
            server.limits().leave(counted);
            counted = "";
        }
    }

    HttpServer server() {
        return server;
    }

    Listening listening() {
        return listening;
    }

    Channel channel() {
        return channel;
    }

    EndpointSettings.Limits limits() {
        return server.settings().limits();
    }

    boolean isProxy() {
        return proxy;
    }

    /** Whether it came when there was no room; it is told so and closed. */
    boolean isRefused() {
        return refused;
    }

    void speaks(Protocol what) {
        protocol = what;
    }

    /** The client has this long to get on. Cheap: somebody looks once a second. */
    void within(int seconds) {
        deadline = server.now() + TimeUnit.SECONDS.toNanos(seconds);
    }

    /** It is not the client's turn. */
    void unlimited() {
        deadline = NEVER;
    }

    /** Any thread. */
    void check(long now) {
        if (deadline != NEVER && now - deadline >= 0) {
            channel.eventLoop().execute(() -> {
                Protocol spoken = protocol;
                if (deadline == NEVER || now - deadline < 0) {
                    return;
                } else if (spoken == null) {
                    channel.close();
                } else {
                    spoken.overdue(now);
                }
            });
        }
    }

    /** Ends our side and waits for the other: a plain close would take the answer from a client that still sends. */
    void linger() {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (tls != null) {
            tls.closeOutbound();
        } else if (channel instanceof DuplexChannel duplex) {
            duplex.shutdownOutput();
        }
        channel.eventLoop().schedule(() -> channel.close(), LINGER_SECONDS, TimeUnit.SECONDS);
    }

    /** Any thread. */
    void stop() {
        channel.eventLoop().execute(() -> {
            Protocol spoken = protocol;
            if (spoken == null) {
                channel.close();
            } else {
                spoken.stop();
            }
        });
    }
}
