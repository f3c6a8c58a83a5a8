// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.time.Duration;

/**
 * The time-outs of a stock server.
 *
 * @param firstRequest a connection must have named its channel by then
 * @param idleReply an {@code r} without data is answered 408 then
 * @param targetSend the longest send to a target
 * @param targetIdle a target connection without traffic is closed then
 * @param channelIdle the HTTP connections of a channel without activity are closed then
 * @param sweep how often the two idle times are looked at
 */
public record ServerTiming(
        Duration firstRequest,
        Duration idleReply,
        Duration targetSend,
        Duration targetIdle,
        Duration channelIdle,
        Duration sweep) {

    /** What the stock program has built in. */
    public static ServerTiming stock() {
        return new ServerTiming(
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                Duration.ofSeconds(30),
                Duration.ofSeconds(3));
    }

    public ServerTiming withFirstRequest(Duration time) {
        return new ServerTiming(time, idleReply, targetSend, targetIdle, channelIdle, sweep);
    }

    public ServerTiming withIdleReply(Duration time) {
        return new ServerTiming(firstRequest, time, targetSend, targetIdle, channelIdle, sweep);
    }

    public ServerTiming withTargetSend(Duration time) {
        return new ServerTiming(firstRequest, idleReply, time, targetIdle, channelIdle, sweep);
    }

    public ServerTiming withTargetIdle(Duration time, Duration sweep) {
        return new ServerTiming(firstRequest, idleReply, targetSend, time, channelIdle, sweep);
    }

    public ServerTiming withChannelIdle(Duration time, Duration sweep) {
        return new ServerTiming(firstRequest, idleReply, targetSend, targetIdle, time, sweep);
    }
}
