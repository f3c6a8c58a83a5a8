// SPDX-License-Identifier: Apache-2.0
package io.httun.api.status;

/**
 * A session: one client with one server. The first key of a session that a server has is as old as the session.
 *
 * @param id random; tells nothing of the peer
 * @param side {@code server} or {@code client}
 * @param channel the channel's name
 * @param node number of the server among those of a cluster; 0 for none
 * @param state {@code open}, {@code unconfirmed}, {@code re-keying}, {@code closed}, or what it waits for
 * @param ageSeconds since its first init
 * @param idleSeconds since its last valid frame
 * @param keySeconds since the init that made the key in use
 * @param framesIn frames received
 * @param framesOut frames sent
 * @param bytesIn tunnelled payload received, in bytes
 * @param bytesOut tunnelled payload sent, in bytes
 */
public record SessionStatus(
        String id,
        String side,
        String channel,
        int node,
        String state,
        long ageSeconds,
        long idleSeconds,
        long keySeconds,
        long framesIn,
        long framesOut,
        long bytesIn,
        long bytesOut) {}
