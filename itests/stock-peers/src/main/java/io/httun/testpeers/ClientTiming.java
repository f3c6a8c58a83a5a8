// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.time.Duration;

/**
 * The time-outs of a stock client.
 *
 * @param read for one {@code r}, from connecting to the end of the body
 * @param write for one {@code w}, from connecting to the end of the head
 * @param init for one Init
 * @param retry before a message is sent again after 429, 502, 503, 504
 * @param pong for the answer to one ping of the test mode
 * @param error added to the pause before a new session with each failed one; at most 5 s in all
 */
public record ClientTiming(
        Duration read, Duration write, Duration init, Duration retry, Duration pong, Duration error) {

    /** What the stock program has built in. */
    public static ClientTiming stock() {
        return new ClientTiming(
                Duration.ofSeconds(8),
                Duration.ofSeconds(3),
                Duration.ofSeconds(5),
                Duration.ofMillis(100),
                Duration.ofMillis(1500),
                Duration.ofMillis(50));
    }

    public ClientTiming withRead(Duration time) {
        return new ClientTiming(time, write, init, retry, pong, error);
    }

    public ClientTiming withWrite(Duration time) {
        return new ClientTiming(read, time, init, retry, pong, error);
    }

    public ClientTiming withInit(Duration time) {
        return new ClientTiming(read, write, time, retry, pong, error);
    }

    public ClientTiming withRetry(Duration time) {
        return new ClientTiming(read, write, init, time, pong, error);
    }

    public ClientTiming withPong(Duration time) {
        return new ClientTiming(read, write, init, retry, time, error);
    }

    public ClientTiming withError(Duration time) {
        return new ClientTiming(read, write, init, retry, pong, time);
    }
}
