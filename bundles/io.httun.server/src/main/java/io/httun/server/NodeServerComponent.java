// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

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
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The server for its cluster, as a service. */
@Component
public final class NodeServerComponent implements NodeServer {
    private final TunnelServer server;

    @Activate
    public NodeServerComponent(@Reference TunnelServer server) {
        this.server = server;
    }

    @Override
    public int node() {
        return server.node();
    }

    @Override
    public CompletionStage<TunnelReply> handleHere(TunnelRequest request) {
        return server.router().handleHere(request);
    }

    @Override
    public void forwardBy(NodeForwarder forwarder) {
        server.router().forwardBy(forwarder);
    }

    @Override
    public DrainStatus drain() {
        return server.drains().get(0);
    }

    @Override
    public byte[] channelsHash(SharedSecret key) {
        return ChannelsHash.of(server.registry().all(), key);
    }

    @Override
    public List<SessionStatus> sessions() {
        return server.sessions();
    }

    @Override
    public boolean closeSession(String id) {
        return server.closeSession(id);
    }

    @Override
    public List<ChannelClosure> closures() {
        return server.closures().all();
    }

    @Override
    public void merge(Collection<ChannelClosure> closures) {
        server.closures().merge(closures);
    }

    @Override
    public List<ChannelTally> tallies() {
        return server.usages().tallies();
    }

    @Override
    public void countOthers(Collection<ChannelTally> others) {
        server.usages().countOthers(others);
    }
}
