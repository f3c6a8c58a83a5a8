// SPDX-License-Identifier: Apache-2.0
package io.httun.api.status;

/**
 * One end of a tunnel channel. Counters begin at 0 when the channel is configured and never fall while it is there.
 *
 * @param side {@code server} or {@code client}
 * @param name as configured; unique on its side
 * @param id the number that both ends know the channel by
 * @param state {@code enabled} or {@code disabled} at a server; at a client {@code idle}, {@code connected}, or the reason why it carries nothing
 * @param sessions open now, pipes among them
 * @param connections to targets, open now
 * @param requests HTTP requests with a valid frame
 * @param framesIn frames received
 * @param framesOut frames sent
 * @param bytesIn tunnelled payload received, in bytes
 * @param bytesOut tunnelled payload sent, in bytes
 * @param refused requests, or connections at a client, that were refused
 * @param path limits of the path to the server that a client has learnt and keeps to; empty where there are none, and at a server
 */
public record ChannelStatus(
        String side,
        String name,
        int id,
        String state,
        int sessions,
        int connections,
        long requests,
        long framesIn,
        long framesOut,
        long bytesIn,
        long bytesOut,
        long refused,
        String path) {}
