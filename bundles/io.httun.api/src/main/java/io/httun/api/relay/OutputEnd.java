// SPDX-License-Identifier: Apache-2.0
package io.httun.api.relay;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.Future;

/**
 * How the output of a channel ends that cannot do it by {@link io.netty.channel.socket.DuplexChannel#shutdownOutput()},
 * such as an HTTP/2 stream or TLS. Left by whoever made the channel under {@link #KEY}; without it such a channel is closed.
 */
@FunctionalInterface
public interface OutputEnd {
    AttributeKey<OutputEnd> KEY = AttributeKey.valueOf("io.httun.relay.output-end");

    /** Ends the output behind everything that was written and leaves the input open. On the channel's event loop. */
    Future<?> end(Channel channel);
}
