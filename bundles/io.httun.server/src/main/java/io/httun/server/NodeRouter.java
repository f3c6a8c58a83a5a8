// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.cluster.NodeForwarder;
import io.httun.api.tunnel.TunnelReply;
import io.httun.api.tunnel.TunnelRequest;
import io.httun.protocol.FrameException;
import io.httun.protocol.Serials;
import io.httun.protocol.TunnelPath;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.IntSupplier;

/**
 * Has a request answered by the node that its serial names. The number is a hint: serials of inits and of stock clients hold one by chance. So a
 * request that a session here expects stays here, and one that the other node refuses is decided here. Thread-safe.
 */
final class NodeRouter {
    private static final int NOT_FOUND = 404;
    private static final int UNAVAILABLE = 503;

    private final RequestHandler here;
    private final ChannelRegistry channels;
    private final IntSupplier node;
    private volatile NodeForwarder forwarder = NodeForwarder.NONE;

    /** @param node this server's number */
    NodeRouter(RequestHandler here, ChannelRegistry channels, IntSupplier node) {
        this.here = here;
        this.channels = channels;
        this.node = node;
    }

    void forwardBy(NodeForwarder next) {
        forwarder = next;
    }

    boolean isClustered() {
        return forwarder != NodeForwarder.NONE;
    }

    /** As the service's method. */
    CompletionStage<TunnelReply> handle(TunnelRequest request) {
        NodeForwarder by = forwarder;
        if (by != NodeForwarder.NONE) {
            int other = other(request);
            if (other != 0 && by.reaches(other)) {
                return forward(by, other, request);
            }
        }
        return here.handle(request);
    }

    /** Does not forward. */
    CompletionStage<TunnelReply> handleHere(TunnelRequest request) {
        return here.handle(request);
    }

    /** The number of the node that a request is for; 0 for this one. */
    private int other(TunnelRequest request) {
        try {
            TunnelPath path = TunnelPath.parse(request.path());
            int named = path.serial() < 0 ? 0 : Serials.node(path.serial());
            return named == node.getAsInt() || isExpected(path) ? 0 : named;
        } catch (FrameException e) {
            return 0;
        }
    }

    private boolean isExpected(TunnelPath path) {
        ServerChannel channel = channels.find(path.channel());
        return channel != null && channel.sessions().hints().find(path.read(), path.serial()) != null;
    }

    private CompletionStage<TunnelReply> forward(NodeForwarder by, int other, TunnelRequest request) {
        CompletableFuture<TunnelReply> reply = new CompletableFuture<>();
        CompletableFuture<Optional<TunnelReply>> there = by.forward(other, request);
        cancelling(reply, there);
        there.whenComplete((answer, cancelled) -> {
            if (cancelled != null) {
                request.body().release();
            } else if (answer.isPresent() && isFinal(request, answer.get())) {
                request.body().release();
                settle(reply, answer.get());
            } else {
                answer.ifPresent(NodeRouter::drop);
                handleHere(request, reply);
            }
        });
        return reply;
    }

    private void handleHere(TunnelRequest request, CompletableFuture<TunnelReply> reply) {
        CompletableFuture<TunnelReply> own = here.handle(request).toCompletableFuture();
        cancelling(reply, own);
        own.whenComplete((answer, cancelled) -> {
            if (cancelled == null) {
                settle(reply, answer);
            }
        });
    }

    /** Whether it is the answer: a stranger there may have a session here, and a server that refuses a new session leaves it to this one. */
    private static boolean isFinal(TunnelRequest request, TunnelReply answer) {
        return answer.status() != NOT_FOUND && (answer.status() != UNAVAILABLE || !isInit(request));
    }

    private static boolean isInit(TunnelRequest request) {
        try {
            return request.method().equals("GET") && Received.of(request).isInit();
        } catch (FrameException e) {
            return false;
        }
    }

    private static void cancelling(CompletableFuture<?> waiting, CompletableFuture<?> awaited) {
        waiting.whenComplete((answer, cancelled) -> {
            if (cancelled != null) {
                awaited.cancel(false);
            }
        });
    }

    private static void settle(CompletableFuture<TunnelReply> reply, TunnelReply answer) {
        if (!reply.complete(answer)) {
            drop(answer);
        }
    }

    private static void drop(TunnelReply answer) {
        answer.body().release();
        answer.rest().ifPresent(rest -> rest.bytes().cancel(false));
        answer.delivery().failed();
    }
}
