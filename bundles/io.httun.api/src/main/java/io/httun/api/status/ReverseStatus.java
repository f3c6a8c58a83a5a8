// SPDX-License-Identifier: Apache-2.0
package io.httun.api.status;

/**
 * A port at a server whose connections go to the side of a client.
 *
 * @param name as configured; empty at a server, which does not know it
 * @param side {@code server} or {@code client}
 * @param listen where the server listens
 * @param target where connections go; empty at a server
 * @param state {@code listening}, or why it does not
 * @param waiting streams that take the next connections
 * @param connections open now
 * @param accepted connections that came
 */
public record ReverseStatus(
        String name,
        String side,
        String listen,
        String target,
        String state,
        int waiting,
        int connections,
        long accepted) {}
