// SPDX-License-Identifier: Apache-2.0
package io.httun.faults;

import io.httun.api.cluster.ChannelClosure;
import io.httun.api.cluster.ChannelTally;
import io.httun.api.cluster.ClusterMember;
import io.httun.api.cluster.ClusterMembers;
import io.httun.api.cluster.NodeForwarder;
import io.httun.api.cluster.NodeServer;
import io.httun.api.crypto.SharedSecret;
import io.httun.api.status.DrainStatus;
import io.httun.api.status.NodeStatus;
import io.httun.api.status.SessionStatus;
import io.httun.api.tunnel.EventLoops;
import io.httun.api.tunnel.TunnelReply;
import io.httun.api.tunnel.TunnelRequest;
import io.httun.cluster.ClusterComponent;
import io.httun.crypto.jca.JcaFrameCipher;
import io.httun.crypto.jca.JcaKeyAgreement;
import io.httun.streams.Http2Multiplexer;
import io.httun.testrig.ServerUnderTest;
import java.io.Closeable;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** A server with its cluster, as the framework would put it together, without an endpoint. */
final class ClusterNode implements Closeable {
    private final int number;
    private final ServerUnderTest server;
    private final ClusterComponent cluster;
    private volatile NodeForwarder forwarder = NodeForwarder.NONE;

    /**
     * @param key the cluster's key file
     * @param ports of {@code listen} and {@code forward.port}
     * @param members of the configuration
     * @param channel properties of its channel
     */
    ClusterNode(EventLoops loops, int number, Path key, int[] ports, String members, Map<String, Object> channel) {
        this.number = number;
        server = new ServerUnderTest(
                loops,
                new JcaFrameCipher(),
                new JcaKeyAgreement(),
                ChannelRig.CHANNEL,
                ChannelRig.SECRET,
                number,
                channel);
        server.streams(new Http2Multiplexer(loops));
        cluster = new ClusterComponent(
                new Listening(server.node()),
                loops,
                Map.of(
                        "key.file",
                        key.toString(),
                        "listen",
                        "127.0.0.1:" + ports[0],
                        "forward.port",
                        ports[1],
                        "members",
                        members,
                        "name",
                        "n" + number));
        cluster.start();
    }

    int number() {
        return number;
    }

    ServerUnderTest server() {
        return server;
    }

    List<Integer> seen() {
        return cluster.members().stream().map(ClusterMember::node).toList();
    }

    List<NodeStatus> nodes() {
        return cluster.nodes();
    }

    /** What others see and do through the cluster. */
    ClusterMembers members() {
        return cluster;
    }

    NodeForwarder forwarder() {
        return forwarder;
    }

    /** As an endpoint does. */
    CompletionStage<TunnelReply> handle(TunnelRequest request) {
        return server.service().handle(request);
    }

    @Override
    public void close() {
        cluster.stop();
        server.close();
    }

    /** Hears of the forwarder. */
    private final class Listening implements NodeServer {
        private final NodeServer real;

        Listening(NodeServer real) {
            this.real = real;
        }

        @Override
        public int node() {
            return real.node();
        }

        @Override
        public CompletionStage<TunnelReply> handleHere(TunnelRequest request) {
            return real.handleHere(request);
        }

        @Override
        public void forwardBy(NodeForwarder next) {
            forwarder = next;
            real.forwardBy(next);
        }

        @Override
        public DrainStatus drain() {
            return real.drain();
        }

        @Override
        public byte[] channelsHash(SharedSecret key) {
            return real.channelsHash(key);
        }

        @Override
        public List<SessionStatus> sessions() {
            return real.sessions();
        }

        @Override
        public boolean closeSession(String id) {
            return real.closeSession(id);
        }

        @Override
        public List<ChannelClosure> closures() {
            return real.closures();
        }

        @Override
        public void merge(Collection<ChannelClosure> closures) {
            real.merge(closures);
        }

        @Override
        public List<ChannelTally> tallies() {
            return real.tallies();
        }

        @Override
        public void countOthers(Collection<ChannelTally> others) {
            real.countOthers(others);
        }
    }
}
