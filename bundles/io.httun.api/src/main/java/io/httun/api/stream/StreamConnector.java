// SPDX-License-Identifier: Apache-2.0
package io.httun.api.stream;

import io.httun.api.target.TargetConnector;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;

/** Connects to targets at the other end of pipes. Takes names, which the server resolves. */
public interface StreamConnector extends TargetConnector, StreamAcceptor, AutoCloseable {
    /**
     * Opens a stream whose bytes the server sends back, to measure.
     *
     * @param loop event loop that the channel is registered with
     * @return as {@link #connect}; fails with {@link io.httun.api.target.RefusedException.Cause#DENIED} where the server's channel is no test channel
     */
    Future<Channel> echo(EventLoop loop);

    /** Streams that are open or being opened. */
    int streams();

    /** Closes each pipe behind its last stream, as nobody will ask for new ones. Idempotent. */
    void retire();

    /** Resets what is open, closes its pipes and refuses what comes. Idempotent. */
    @Override
    void close();
}
