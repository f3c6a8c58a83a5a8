// SPDX-License-Identifier: Apache-2.0
package io.httun.api.cluster;

import io.httun.api.status.DrainStatus;
import java.net.InetSocketAddress;

/**
 * A server as the other members of its cluster see it.
 *
 * @param node its number, 1 to 255, once in a cluster
 * @param name as configured, for people
 * @param forwarding where it takes requests of its sessions from other members; resolved
 * @param state {@link DrainStatus#SERVING}, {@link DrainStatus#DRAINING} or {@link DrainStatus#DRAINED}
 */
public record ClusterMember(int node, String name, InetSocketAddress forwarding, String state) {}
