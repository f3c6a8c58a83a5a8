// SPDX-License-Identifier: Apache-2.0
package io.httun.api.status;

/**
 * A connection to a target.
 *
 * @param id random; the same in every log line about it
 * @param origin name of the channel or listener that it came in by
 * @param target where it goes, as {@code HOST:PORT}
 * @param state {@code open}, {@code connecting}, {@code closed}, {@code refused} and other words of the relay
 * @param ageSeconds since it was accepted; to its end, once it has ended
 * @param bytesToTarget payload, in bytes
 * @param bytesFromTarget payload, in bytes
 * @param end one word for why it ended; empty while it is open
 * @param cause the sentence for that; empty while it is open
 */
public record ConnectionStatus(
        String id,
        String origin,
        String target,
        String state,
        long ageSeconds,
        long bytesToTarget,
        long bytesFromTarget,
        String end,
        String cause) {
    /** One that has no word for its end. */
    public ConnectionStatus(
            String id,
            String origin,
            String target,
            String state,
            long ageSeconds,
            long bytesToTarget,
            long bytesFromTarget,
            String cause) {
        this(id, origin, target, state, ageSeconds, bytesToTarget, bytesFromTarget, "", cause);
    }
}
