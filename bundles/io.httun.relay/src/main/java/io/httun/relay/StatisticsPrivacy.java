// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

/**
 * Which personal data statistics may contain.
 *
 * @param targets the targets of connections
 * @param users the names of users
 * @param sources the addresses of clients
 */
record StatisticsPrivacy(boolean targets, boolean users, boolean sources) {
    String target(String name) {
        return targets ? name : "";
    }

    String user(String name) {
        return users ? name : "";
    }

    String source(String name) {
        return sources ? name : "";
    }
}
