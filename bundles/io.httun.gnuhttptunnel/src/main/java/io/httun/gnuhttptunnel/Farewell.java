// SPDX-License-Identifier: Apache-2.0
package io.httun.gnuhttptunnel;

import io.httun.toolkit.carried.Carriage;
import io.netty.channel.Channel;
import java.util.concurrent.TimeUnit;

/**
 * Closes a connection on which the last word has been said, but not before that and what was said before it have gone out, and the peer
 * has had two seconds to end it: unread bytes would make our close a reset.
 */
final class Farewell {
    private static final long LINGER_SECONDS = 2;
    private static final int MAX_STUCK = 10;

    private Farewell() {}

    static void to(Channel channel) {
        channel.config().setAutoRead(true);
        wait(channel, Carriage.unsentOn(channel), 0);
    }

    private static void wait(Channel channel, long before, int stuck) {
        channel.eventLoop()
                .schedule(
                        () -> {
                            long now = Carriage.unsentOn(channel);
                            if (now == 0 || stuck == MAX_STUCK) {
                                channel.close();
                            } else {
                                wait(channel, now, now == before ? stuck + 1 : 0);
                            }
                        },
                        LINGER_SECONDS,
                        TimeUnit.SECONDS);
    }
}
