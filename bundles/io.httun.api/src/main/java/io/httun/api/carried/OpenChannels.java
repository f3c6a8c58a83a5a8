// SPDX-License-Identifier: Apache-2.0
package io.httun.api.carried;

import io.httun.api.tunnel.BulkSockets;
import io.netty.channel.Channel;
import io.netty.util.concurrent.FutureListener;
import io.netty.util.concurrent.Promise;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The channels that a connector has made and that are not closed yet. Thread-safe. */
public final class OpenChannels {
    private final Set<Channel> open = ConcurrentHashMap.newKeySet();

    /**
     * Keeps a channel until it closes.
     *
     * @param promise of the connection that it is to be; when somebody cancels it, the channel is closed
     */
    public void add(Channel channel, Promise<Channel> promise) {
        promise.addListener((FutureListener<Channel>) end -> {
            if (end.isCancelled()) {
                channel.close();
            }
        });
        open.add(channel);
        channel.closeFuture().addListener(closed -> open.remove(channel));
    }

    /** Resets them all: their connector stops. */
    public void reset() {
        open.forEach(BulkSockets::reset);
    }
}
