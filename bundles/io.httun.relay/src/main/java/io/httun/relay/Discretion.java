// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

/**
 * What statistics may tell of people.
 *
 * @param targets where connections went
 * @param users who had logged in
 * @param sources where connections came from
 */
record Discretion(boolean targets, boolean users, boolean sources) {
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
