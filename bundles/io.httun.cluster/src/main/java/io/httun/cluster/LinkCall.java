// SPDX-License-Identifier: Apache-2.0
package io.httun.cluster;

import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.CompletableFuture;

/** What a {@link ForwardLink} carries to another member: the handler of one stream, once there is a connection. */
abstract sealed class LinkCall extends ChannelInboundHandlerAdapter permits ForwardCall, NodeQuestion {
    /** Completes when the stream is of no more use, also when the caller does not wait any more. */
    abstract CompletableFuture<?> answer();

    /** It was not sent, or its answer will not come: the other member is gone. Any thread. */
    abstract void gone();

    /** As {@link #gone}, while the other member is there. Any thread. */
    abstract void failed();
}
