// SPDX-License-Identifier: Apache-2.0
package io.httun.api.stream;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;

/** Opens pipes to one server: reliable byte streams that outlive connections, addresses and keys. Thread-safe and never blocking. */
@FunctionalInterface
public interface PipeSource {
    /**
     * Opens a pipe, or takes one again whose channel has closed.
     *
     * @param loop event loop that the channel is registered with
     * @return a connected channel that carries {@link io.netty.buffer.ByteBuf}s, has {@code autoRead} off and belongs to the caller. Its close ends
     *     what runs in the pipe at both ends; the pipe itself is kept for the next caller for a while. Fails with
     *     {@link io.httun.api.target.RefusedException}
     */
    Future<Channel> open(EventLoop loop);
}
