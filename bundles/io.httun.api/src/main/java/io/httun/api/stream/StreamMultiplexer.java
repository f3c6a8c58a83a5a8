// SPDX-License-Identifier: Apache-2.0
package io.httun.api.stream;

import io.netty.channel.Channel;

/**
 * Carries any number of connections, each a stream with its own end, reset and backpressure, in one pipe. A service. It knows nothing of
 * frames or HTTP requests, and who makes pipes knows nothing of streams.
 */
public interface StreamMultiplexer {
    /**
     * The client's half.
     *
     * @param name of the client, for messages
     * @param pipes asked for a pipe of an event loop when the first connection on that loop needs one
     * @return to be closed by the caller
     */
    StreamConnector connector(String name, PipeSource pipes);

    /**
     * The server's half: serves what arrives in a pipe until it closes. On the pipe's event loop.
     *
     * @param pipe a connected channel with {@code autoRead} off; ownership passes. Its close ends what runs in the pipe at both ends, and the client
     *     begins anew in the same pipe
     */
    void serve(Channel pipe, StreamOrigin origin);

    /**
     * The server's half: has the client open its next streams in another pipe, at a server that takes it. Streams in this one, those on their way
     * among them, go on; behind the last one the client ends the pipe. On the pipe's event loop; idempotent.
     *
     * @param pipe given to {@link #serve}
     */
    void drain(Channel pipe);
}
