// SPDX-License-Identifier: Apache-2.0
package io.httun.api.status;

/**
 * A user of a listener or channel: one whom the configuration names, or who has logged in and whom {@code statistics.tell} lets us name.
 *
 * @param origin name of the listener
 * @param user the user's name
 * @param connections open now
 * @param bytesToTarget payload of the connections that are open now, in bytes
 * @param bytesFromTarget payload of the connections that are open now, in bytes
 */
public record UserStatus(String origin, String user, int connections, long bytesToTarget, long bytesFromTarget) {}
