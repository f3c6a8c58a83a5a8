// SPDX-License-Identifier: Apache-2.0
package io.httun.bridge;

import io.httun.api.relay.RelayOrigin;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.Target;
import io.httun.api.tunnel.EventLoops;
import io.httun.api.tunnel.TunnelReply;
import io.httun.api.tunnel.TunnelRequest;
import io.httun.api.tunnel.TunnelService;
import io.httun.toolkit.carried.CarriedGate;
import io.httun.toolkit.carried.InboundConnection;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/** Finds the connection that a request is for (wire page: {@code bridge}). Requests come on any thread. */
final class BridgeServer implements TunnelService {
    /** Time that an ended connection's last bytes and its 410 wait for the next GET. */
    private static final int REMEMBER_SECONDS = 60;

    private static final int MAX_ID = 64;
    private static final int MAX_TARGET = 300;
    private static final TunnelReply CREATED = TunnelReply.bare(201, List.of(TunnelReply.NO_STORE));
    private static final TunnelReply DELETED = TunnelReply.bare(200, List.of(TunnelReply.NO_STORE));

    private static final String CLOSED = "closed before there was a connection";

    private final EventLoops loops;
    private final CarriedGate<BridgeSettings> gate;
    private final Map<String, BridgeTunnel> tunnels = new ConcurrentHashMap<>();

    BridgeServer(BridgeSettings settings, EventLoops loops, RelayOrigin origin) {
        this.loops = loops;
        this.gate = new CarriedGate<>(settings, origin);
    }

    void change(BridgeSettings next) {
        gate.change(next);
    }

    @Override
    public CompletionStage<TunnelReply> handle(TunnelRequest request) {
        CompletableFuture<TunnelReply> reply = new CompletableFuture<>();
        String source = request.carrier().peer();
        String id = request.path().substring(request.path().lastIndexOf('/') + 1);
        if (!gate.admits(source, request.authorization())) {
            return refuse(request);
        } else if (id.isEmpty() || id.length() > MAX_ID) {
            gate.refused("malformed id");
            return refuse(request);
        }
        switch (request.method()) {
            case "POST" -> open(id, source, request, reply);
            case "PUT" -> {
                BridgeTunnel tunnel = find(id, source, reply);
                if (tunnel == null) {
                    request.body().release();
                } else {
                    tunnel.loop().execute(() -> tunnel.put(request.body(), reply));
                }
            }
            case "GET" -> {
                request.body().release();
                BridgeTunnel tunnel = find(id, source, reply);
                if (tunnel != null) {
                    tunnel.loop().execute(() -> tunnel.get(reply));
                }
            }
            case "DELETE" -> {
                request.body().release();
                BridgeTunnel tunnel = tunnels.remove(id);
                if (tunnel == null) {
                    unknown(source);
                } else {
                    tunnel.loop().execute(tunnel::delete);
                }
                reply.complete(DELETED);
            }
            default -> {
                gate.refused("a method other than POST, PUT, GET and DELETE");
                return refuse(request);
            }
        }
        return reply;
    }

    private static CompletionStage<TunnelReply> refuse(TunnelRequest request) {
        request.body().release();
        return CompletableFuture.completedFuture(TunnelReply.refused());
    }

    private BridgeTunnel find(String id, String source, CompletableFuture<TunnelReply> reply) {
        BridgeTunnel tunnel = tunnels.get(id);
        if (tunnel == null) {
            unknown(source);
            reply.complete(TunnelReply.refused());
        }
        return tunnel;
    }

    private void unknown(String source) {
        gate.guessed(source, "an unknown id");
    }

    private void open(String id, String source, TunnelRequest request, CompletableFuture<TunnelReply> reply) {
        Target target;
        try {
            if (request.body().readableBytes() > MAX_TARGET) {
                throw new IllegalArgumentException("the body must be HOST:PORT");
            }
            target = target(request.body().toString(StandardCharsets.UTF_8).strip());
        } catch (IllegalArgumentException e) {
            gate.refused("malformed target");
            reply.complete(notAcceptable(e.getMessage()));
            return;
        } finally {
            request.body().release();
        }
        BridgeTunnel tunnel = new BridgeTunnel(gate.settings(), loops.group().next());
        if (tunnels.putIfAbsent(id, tunnel) != null) {
            // Another client's, or a forged one: the existing tunnel is not affected.
            tunnel.channel().unsafe().closeForcibly();
            gate.guessed(source, "an id that is taken");
            reply.complete(notAcceptable("this id is taken"));
            return;
        }
        tunnel.loop().execute(() -> connect(id, tunnel, source, target, reply));
    }

    /** A stock client writes an IPv6 address without brackets. */
    private static Target target(String text) {
        int colon = text.lastIndexOf(':');
        if (colon > 0 && text.indexOf(':') < colon && !text.startsWith("[")) {
            return Target.parse("[" + text.substring(0, colon) + "]" + text.substring(colon));
        }
        return Target.parse(text);
    }

    private void connect(
            String id, BridgeTunnel tunnel, String source, Target target, CompletableFuture<TunnelReply> reply) {
        if (!tunnel.channel().isOpen()) {
            reply.complete(notAcceptable(CLOSED));
            return;
        }
        tunnel.loop().register(tunnel.channel());
        tunnel.channel().closeFuture().addListener(closed -> {
            tunnel.channel().whenStuck(REMEMBER_SECONDS, () -> forget(id, tunnel));
            // Deleted before there was a connection, so it is answered here.
            reply.complete(notAcceptable(CLOSED));
        });
        InboundConnection.open(
                gate.origin(), tunnel.channel(), source, target, () -> reply.complete(CREATED), cause -> {
                    tunnels.remove(id, tunnel);
                    reply.complete(notAcceptable(reason(cause)));
                    tunnel.channel().close();
                });
    }

    private void forget(String id, BridgeTunnel tunnel) {
        tunnels.remove(id, tunnel);
        tunnel.channel().dropTail();
    }

    private static String reason(Cause cause) {
        return switch (cause) {
            case DENIED -> "not allowed";
            case UNRESOLVED -> "the name has no address";
            case CONNECTION_REFUSED -> "connection refused";
            case UNREACHABLE -> "no route to host";
            case TIMED_OUT -> "connection timed out";
            case OVERLOADED, TOO_MANY -> "too many connections";
            case UNAVAILABLE -> "not available at the moment";
            case FAILED -> "the connection failed";
        };
    }

    private static TunnelReply notAcceptable(String why) {
        return new TunnelReply(
                406,
                List.of(TunnelReply.NO_STORE, Map.entry("content-type", "text/plain")),
                Unpooled.copiedBuffer(why, StandardCharsets.US_ASCII),
                TunnelReply.Delivery.UNTRACKED);
    }
}
