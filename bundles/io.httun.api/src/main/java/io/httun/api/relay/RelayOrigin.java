// SPDX-License-Identifier: Apache-2.0
package io.httun.api.relay;

import io.httun.api.status.ConnectionStatus;
import io.netty.channel.Channel;
import java.util.List;
import java.util.Optional;

/** One listener's connections and the books on them. Thread-safe. */
public interface RelayOrigin extends AutoCloseable {
    /** Takes effect at once, for open connections as well. Unchanged settings change nothing. */
    void change(RelaySettings settings);

    /**
     * Takes an inbound channel into the books. Where a limit is reached, or the origin is closed, it counts the refusal and
     * answers with nothing; the channel remains the caller's, who ends it in the way of its protocol.
     *
     * @param client registered with its event loop, on which this is called; any kind of channel that carries
     *     {@link io.netty.buffer.ByteBuf}s. One that is a {@link io.netty.channel.socket.DuplexChannel} or has an
     *     {@link OutputEnd} can be half-closed. It tells the end of its input by
     *     {@link io.netty.channel.socket.ChannelInputShutdownEvent}, and a failure by an exception in its pipeline before it
     *     becomes inactive, as {@link io.httun.api.target.TargetConnector#connect} demands of a target's channel
     * @param source who is behind it, for the limit per source: an address; empty where there is none. Not shown or logged
     *     unless configured
     */
    Optional<RelayConnection> accept(Channel client, String source);

    /**
     * Whether a source has as many connections open as the listener's policy allows it, so that {@link #accept} would answer
     * with nothing. For protocols that can say so.
     */
    boolean tooMany(String source);

    /** Counts what was refused before there was a channel. The cause is one of few fixed texts, for the log. */
    void refused(String cause);

    /** Open connections. */
    List<ConnectionStatus> connections();

    /** The last connections that ended or were refused, newest first, bounded. */
    List<ConnectionStatus> closedConnections();

    /** How many connections are open. */
    int open();

    /** How many channels came, with those that were refused. */
    long accepted();

    /** How many were refused, whatever for. */
    long refused();

    /**
     * Ends a connection with a reset.
     *
     * @param id as in {@link ConnectionStatus}
     * @return whether there was such a connection here
     */
    boolean closeConnection(String id);

    /** Refuses what comes from now on and resets every open connection. */
    @Override
    void close();
}
