// SPDX-License-Identifier: Apache-2.0
package io.httun.api.cluster;

import io.httun.api.status.SessionStatus;
import io.httun.api.status.StatusSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Who is there, and what they answer. A service while the cluster is configured. Any thread, without blocking: a question completes within 2 s
 * and never exceptionally, whatever the other members do.
 */
public interface ClusterMembers {
    /** The members whose numbers are theirs alone, this server among them once it has joined; by number. A snapshot. */
    List<ClusterMember> members();

    /**
     * Asks all other members for the sessions of their channels, at most 2,000 of each. {@link StatusSource#nodeSessions()} shows the rows for 10 s
     * from then on. Questions at the same time are one.
     */
    CompletableFuture<ClusterAnswer<SessionStatus>> askSessions();

    /**
     * Has the other members end a session.
     *
     * @param id as in {@link SessionStatus}
     * @return with the member that had it; without rows if nobody had
     */
    CompletableFuture<ClusterAnswer<ClusterMember>> askToClose(String id);
}
