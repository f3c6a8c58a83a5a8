// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.tunnel;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The open channels of a part that may go: then they have a bounded time to end by themselves. Channels that are added later, because an
 * attempt was under way, get what is left of that time. Thread-safe.
 */
public final class ChannelDrain {
    private static final Logger LOG = LoggerFactory.getLogger(ChannelDrain.class);

    private final Set<Channel> open = ConcurrentHashMap.newKeySet();
    private volatile boolean over;

    /** Keeps a channel until it closes; resets it when the time is over. */
    public void add(Channel channel) {
        open.add(channel);
        channel.closeFuture().addListener(end -> open.remove(channel));
        if (over) {
            BulkSockets.reset(channel);
        }
    }

    /**
     * After so many seconds resets the channels that are still open, and those added later.
     *
     * @param part that has stopped, such as {@code Connector direct}; for the log
     */
    public void begin(String part, EventLoopGroup loops, int seconds) {
        if (!open.isEmpty()) {
            LOG.info("{} has stopped; {} connections drain for up to {} s", part, open.size(), seconds);
        }
        if (seconds == 0 || loops.isShuttingDown()) {
            end();
        } else {
            loops.schedule(this::end, seconds, TimeUnit.SECONDS);
        }
    }

    /** Resets at once what is open, and what is added afterwards. */
    public void end() {
        over = true;
        open.forEach(BulkSockets::reset);
    }

    public int size() {
        return open.size();
    }
}
