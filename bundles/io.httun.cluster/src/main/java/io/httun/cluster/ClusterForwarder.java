// SPDX-License-Identifier: Apache-2.0
package io.httun.cluster;

import io.httun.api.cluster.NodeForwarder;
import io.httun.api.tunnel.EventLoops;
import io.httun.api.tunnel.TunnelReply;
import io.httun.api.tunnel.TunnelRequest;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntSupplier;

/** Forwards requests to the members that there are. Thread-safe. */
final class ClusterForwarder implements NodeForwarder, AutoCloseable {
    private final EventLoops loops;
    private final ClusterTls tls;
    private final MemoryBudget budget;
    private final ForwardCounts counts;
    private final IntSupplier self;
    private volatile Map<Integer, ForwardLink> links = Map.of();

    /** @param self number of this server */
    ClusterForwarder(EventLoops loops, ClusterTls tls, MemoryBudget budget, ForwardCounts counts, IntSupplier self) {
        this.loops = loops;
        this.tls = tls;
        this.budget = budget;
        this.counts = counts;
        this.self = self;
    }

    /** The other members from now on. What is under way to one that has gone is answered as by nobody. */
    synchronized void use(Map<Integer, InetSocketAddress> members) {
        Map<Integer, ForwardLink> next = new HashMap<>();
        members.forEach((node, address) -> {
            ForwardLink link = links.get(node);
            next.put(
                    node, link != null && link.address().equals(address) ? link : new ForwardLink(loops, tls, address));
        });
        Map<Integer, ForwardLink> before = links;
        links = Map.copyOf(next);
        before.values().stream().filter(link -> !next.containsValue(link)).forEach(ForwardLink::close);
    }

    @Override
    public boolean reaches(int node) {
        return links.containsKey(node);
    }

    @Override
    public CompletableFuture<Optional<TunnelReply>> forward(int node, TunnelRequest request) {
        ForwardLink link = links.get(node);
        if (link == null) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        int bytes = request.body().readableBytes();
        if (!budget.take(bytes)) {
            return CompletableFuture.completedFuture(Optional.of(TunnelReply.unavailable()));
        }
        counts.sent(node);
        ForwardCall call = new ForwardCall(self.getAsInt(), request, budget);
        call.answer().whenComplete((reply, cancelled) -> budget.give(bytes));
        link.send(call);
        return call.answer();
    }

    /** Asks another member. */
    CompletableFuture<NodeQuestion.Answer> ask(int node, NodeQuestion question) {
        ForwardLink link = links.get(node);
        if (link == null) {
            question.gone();
        } else {
            link.send(question);
        }
        return question.answer();
    }

    @Override
    public void close() {
        use(Map.of());
    }
}
