// SPDX-License-Identifier: Apache-2.0
package io.httun.api.cluster;

import java.util.List;

/** Who is there. A service while the cluster is configured; each call makes a snapshot, on any thread, without blocking. */
public interface ClusterMembers {
    /** The members whose numbers are theirs alone, this server among them once it has joined; by number. */
    List<ClusterMember> members();
}
