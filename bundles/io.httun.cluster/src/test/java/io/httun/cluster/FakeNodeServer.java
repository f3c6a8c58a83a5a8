// SPDX-License-Identifier: Apache-2.0
package io.httun.cluster;

import io.httun.api.cluster.ChannelClosure;
import io.httun.api.cluster.ChannelTally;
import io.httun.api.cluster.NodeForwarder;
import io.httun.api.cluster.NodeServer;
import io.httun.api.crypto.SharedSecret;
import io.httun.api.status.DrainStatus;
import io.httun.api.status.SessionStatus;
import io.httun.api.tunnel.TunnelReply;
import io.httun.api.tunnel.TunnelRequest;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;

/** A server that answers as the test says. */
final class FakeNodeServer implements NodeServer {
    volatile int node;
    volatile byte channels;
    volatile String state = DrainStatus.SERVING;
    volatile List<ChannelTally> own = List.of();
    volatile Collection<ChannelTally> others = List.of();
    volatile Supplier<List<SessionStatus>> sessions = List::of;
    final Map<String, ChannelClosure> closures = new ConcurrentHashMap<>();
    final Set<String> closed = ConcurrentHashMap.newKeySet();
    volatile NodeForwarder forwarder = NodeForwarder.NONE;
    volatile Function<TunnelRequest, CompletableFuture<TunnelReply>> answers = request -> {
        request.body().release();
        return CompletableFuture.completedFuture(TunnelReply.refused());
    };

    FakeNodeServer(int node) {
        this.node = node;
    }

    @Override
    public int node() {
        return node;
    }

    @Override
    public CompletionStage<TunnelReply> handleHere(TunnelRequest request) {
        return answers.apply(request);
    }

    @Override
    public void forwardBy(NodeForwarder next) {
        forwarder = next;
    }

    @Override
    public DrainStatus drain() {
        return new DrainStatus("server", state, 3, 0, 0);
    }

    @Override
    public byte[] channelsHash(SharedSecret key) {
        byte[] hash = new byte[NodeState.HASH_LENGTH];
        hash[0] = channels;
        return hash;
    }

    @Override
    public List<SessionStatus> sessions() {
        return sessions.get();
    }

    @Override
    public boolean closeSession(String id) {
        return closed.add(id)
                && sessions.get().stream().anyMatch(each -> each.id().equals(id));
    }

    @Override
    public List<ChannelClosure> closures() {
        return List.copyOf(closures.values());
    }

    @Override
    public void merge(Collection<ChannelClosure> others) {
        others.forEach(each -> closures.merge(each.channel(), each, (one, other) -> other.isAfter(one) ? other : one));
    }

    @Override
    public List<ChannelTally> tallies() {
        return own;
    }

    @Override
    public void countOthers(Collection<ChannelTally> tallies) {
        others = tallies;
    }
}
