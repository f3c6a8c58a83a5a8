// SPDX-License-Identifier: Apache-2.0
package io.httun.api.stream;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.Future;

/** Opens pipes to one server: reliable byte streams that outlive connections, addresses and keys. Thread-safe and never blocking. */
@FunctionalInterface
public interface PipeSource {
    /** Set on a channel whose peer takes no new streams: the pipe ends with this channel, rather than being kept for another one. */
    AttributeKey<Boolean> DRAINS = AttributeKey.valueOf(PipeSource.class, "drains");

    /**
     * Opens a pipe, or takes one again whose channel has closed.
     *
     * @param loop event loop that the channel is registered with
     * @return a connected channel that carries {@link io.netty.buffer.ByteBuf}s, has {@code autoRead} off and belongs to the caller. Its close ends
     *     what runs in the pipe at both ends; the pipe itself is kept for the next caller for a while, unless {@link #DRAINS} is set. Fails with
     *     {@link io.httun.api.target.RefusedException}
     */
    Future<Channel> open(EventLoop loop);
}
