// SPDX-License-Identifier: Apache-2.0
package io.httun.web;

import io.httun.api.cluster.ClusterAnswer;
import io.httun.api.cluster.ClusterMember;
import io.httun.api.cluster.ClusterMembers;
import io.httun.api.status.SessionStatus;
import io.httun.api.status.StatusSource;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The other servers of a cluster: node 2 has a session if the test says so, node 3 hangs. */
final class PageNodes implements ClusterMembers, StatusSource {
    static final String ID = "5e57e5f6";

    private static final List<String> FAILURES = List.of("node 3 (west) does not answer within 2 s");

    volatile boolean open;
    private volatile boolean asked;

    @Override
    public List<ClusterMember> members() {
        return List.of();
    }

    private List<SessionStatus> rows() {
        return open ? List.of(new SessionStatus(ID, "server", "laptop", 2, "open", 31, 1, 31, 4, 5, 6, 7)) : List.of();
    }

    @Override
    public CompletableFuture<ClusterAnswer<SessionStatus>> askSessions() {
        asked = true;
        return CompletableFuture.completedFuture(new ClusterAnswer<>(rows(), FAILURES));
    }

    @Override
    public List<SessionStatus> nodeSessions() {
        return asked ? rows() : List.of();
    }

    @Override
    public CompletableFuture<ClusterAnswer<ClusterMember>> askToClose(String id) {
        boolean here = open && id.equals(ID);
        open &= !here;
        return CompletableFuture.completedFuture(new ClusterAnswer<>(
                here
                        ? List.of(new ClusterMember(2, "south", InetSocketAddress.createUnresolved("n2", 1), "serving"))
                        : List.of(),
                FAILURES));
    }
}
