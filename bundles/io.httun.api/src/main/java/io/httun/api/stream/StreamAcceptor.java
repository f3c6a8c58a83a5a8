// SPDX-License-Identifier: Apache-2.0
package io.httun.api.stream;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;

/** Waits for connections at the other end of pipes. A service of each client, with its name. Thread-safe and never blocking. */
public interface StreamAcceptor {
    /**
     * Waits for the next connection to a port of the server, which listens there while anybody waits.
     *
     * @param listen address and port at the server; the wildcard address for all of the server's
     * @param loop event loop that the channel is registered with
     * @return succeeds when a connection arrives; fails with {@link io.httun.api.target.RefusedException}. Cancelling it gives up.
     */
    Future<AcceptedStream> accept(InetSocketAddress listen, EventLoop loop);
}
