// SPDX-License-Identifier: Apache-2.0
package io.httun.api.status;

/**
 * A pipe between our own ends.
 *
 * @param id random; tells nothing of the peer
 * @param name the client's name; empty at a server, which does not know it
 * @param side {@code server} or {@code client}
 * @param state {@code open}, {@code draining} where it takes no new streams, or {@code closed}
 * @param streams open now
 * @param roundTripMicros the last round trip that was measured, in microseconds; 0 before the first
 */
public record PipeStatus(String id, String name, String side, String state, int streams, long roundTripMicros) {}
