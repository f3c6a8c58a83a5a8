// SPDX-License-Identifier: Apache-2.0
package io.httun.api.status;

/**
 * A server of the cluster, as this one sees it.
 *
 * @param node its number
 * @param name as configured there
 * @param address where it takes forwarded requests
 * @param here whether it is this server
 * @param state {@link DrainStatus#state()}, {@code refused} while its number is another member's, or {@code joining}
 * @param sessions open there
 * @param sent requests that this server has forwarded there
 * @param received requests that came forwarded from there
 * @param failure why its sessions were not listed, or not all, when it was asked last; empty if they were
 */
public record NodeStatus(
        int node,
        String name,
        String address,
        boolean here,
        String state,
        int sessions,
        long sent,
        long received,
        String failure) {
    public static final String REFUSED = "refused";
    public static final String JOINING = "joining";
}
