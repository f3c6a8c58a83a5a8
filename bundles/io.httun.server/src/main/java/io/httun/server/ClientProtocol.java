// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.protocol.PeerId;
import java.util.UUID;

/** What a client uses a session for. Chosen once, by the capabilities in the client's UUID ({@code wire/httun.md} section 9). */
enum ClientProtocol {
    /**
     * The stock wire ({@code wire/httun.md}): one frame a body, no half-close, no reset, no repeated request. A repetition comes
     * from a stranger or a proxy, and says nothing about the client.
     */
    STOCK,
    /** IP packets in parallel requests, and nothing else ({@code docs/wire.md}, "Parallel requests"). */
    PACKETS,
    /** A pipe, and nothing else ({@code docs/wire.md}, "A pipe"). */
    PIPE,
    /** Questions about the path, and nothing else ({@code docs/wire.md}, "A probe"). */
    PROBE;

    private static final int PARALLEL = PeerId.SESSIONS | PeerId.BATCH | PeerId.PARALLEL;

    /** @param client UUID that it showed at its init */
    static ClientProtocol of(UUID client) {
        int capabilities = PeerId.capabilities(client);
        if ((capabilities & PARALLEL) != PARALLEL) {
            return STOCK;
        }
        if ((capabilities & PeerId.PROBE) != 0) {
            return PROBE;
        }
        return (capabilities & PeerId.PIPE) == 0 ? PACKETS : PIPE;
    }
}
