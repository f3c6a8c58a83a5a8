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

/** One accepted connection: its client, its places in the limits, and its deadline. */
final class HttpConnection {
    /** The protocol of a connection, once it is known. Called on the connection's event loop. */
    interface Protocol {
        /** The deadline for what the client has to do has passed. */
        void overdue(long now);

        /** The endpoint stops: answer waiting requests, then close. */
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
            // Connections without a login give way.
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

    /** The server has processed a request of this connection. */
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

    /** The client of a request. Only a proxy may name another one than the peer of the connection. */
    Carrier carrier(List<? extends CharSequence> clientHeader) {
        if (proxy && !clientHeader.isEmpty()) {
            String client = ClientHeader.client(server.settings().proxies(), clientHeader, carrier.peer());
            if (!client.equals(carrier.peer())) {
                carrier = new Carrier(client);
            }
        }
        return carrier;
    }

    /** Gives back the places of an ended connection. */
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

    /** Whether there was no room for it: it is answered 503 and closed. */
    boolean isRefused() {
        return refused;
    }

    void speaks(Protocol what) {
        protocol = what;
    }

    /** Sets the client's deadline. Cheap: deadlines are checked once a second. */
    void within(int seconds) {
        deadline = server.now() + TimeUnit.SECONDS.toNanos(seconds);
    }

    /** Removes the deadline: the client is waiting for the server. */
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

    /** Lingering close: a plain close would reset the connection, and a client that still sends would lose the answer. */
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
