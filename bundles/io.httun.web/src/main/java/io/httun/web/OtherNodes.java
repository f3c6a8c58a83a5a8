// SPDX-License-Identifier: Apache-2.0
package io.httun.web;

import io.httun.api.cluster.ClusterAnswer;
import io.httun.api.cluster.ClusterMember;
import io.httun.api.cluster.ClusterMembers;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import javax.servlet.http.HttpServletResponse;

/** The other servers of the cluster, where there is one. Thread-safe. */
final class OtherNodes {
    /** However many pages are open. */
    private static final long BETWEEN = TimeUnit.SECONDS.toNanos(2);

    private final Supplier<? extends Collection<? extends ClusterMembers>> clusters;
    private final LongSupplier nanos;
    private final AtomicLong asked;

    OtherNodes(Supplier<? extends Collection<? extends ClusterMembers>> clusters, LongSupplier nanos) {
        this.clusters = clusters;
        this.nanos = nanos;
        this.asked = new AtomicLong(nanos.getAsLong() - BETWEEN);
    }

    /** Has the next sample show their sessions. Returns at once. */
    void askSessions() {
        long now = nanos.getAsLong();
        long last = asked.get();
        if (now - last >= BETWEEN && asked.compareAndSet(last, now)) {
            clusters.get().forEach(ClusterMembers::askSessions);
        }
    }

    /**
     * Ends a session at any of them. May block for 2 s.
     *
     * @return whether there was one
     * @throws PageError if nobody had it and somebody has not answered
     */
    boolean close(String id) {
        for (ClusterMembers cluster : clusters.get()) {
            ClusterAnswer<ClusterMember> answer = cluster.askToClose(id).join();
            if (!answer.rows().isEmpty()) {
                return true;
            }
            if (!answer.failures().isEmpty()) {
                throw new PageError(
                        HttpServletResponse.SC_NOT_FOUND,
                        "There is no session " + id + " here; " + String.join("; ", answer.failures()));
            }
        }
        return false;
    }
}
