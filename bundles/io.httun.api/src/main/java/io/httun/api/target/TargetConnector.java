// SPDX-License-Identifier: Apache-2.0
package io.httun.api.target;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.Optional;
import java.util.Set;

/**
 * Makes connections to targets: directly, through a proxy, or through the tunnel. A service with the property
 * {@value #NAME}; others refer to it by a DS target filter such as {@code connector.target=(name=home)}.
 *
 * <p>Thread-safe and never blocking. When a connector goes away it drains its open connections for a bounded time.
 */
public interface TargetConnector {
    /** Service property by which configurations refer to a connector. */
    String NAME = "name";

    /** The name by which configurations refer to this connector, for messages. */
    default String connectorName() {
        return getClass().getSimpleName();
    }

    /**
     * The connector that this one makes its own connections through at the moment; empty if it makes them itself or has none. Whoever
     * connects finds a cycle by it.
     */
    default Optional<TargetConnector> through() {
        return Optional.empty();
    }

    /** Whether names are passed on unresolved. Without it {@link #connect} takes only targets with addresses. */
    boolean takesNames();

    /**
     * Connects. Only addresses in {@link Target#addresses()} are tried; no name is looked up a second time.
     *
     * @param loop event loop that the returned channel is registered with
     * @return a connected channel that belongs to the caller, with {@code autoRead} off, {@code ALLOW_HALF_CLOSURE}
     *     on and no handler that the caller must know; fails with {@link RefusedException}. Cancelling it gives up.
     *     A channel that is not a socket tells a failure by an exception in its pipeline before it becomes inactive; without
     *     one its target has ended, and what it sent is complete.
     */
    Future<Channel> connect(Target target, EventLoop loop);

    /** As above, for those whose way depends on who wants it, or who have to pass on how the request came here. */
    default Future<Channel> connect(Target target, RequestContext context, EventLoop loop) {
        return connect(target, loop);
    }

    /**
     * As above, for a target of whose addresses some may still be on their way. Those who do not take them as they come wait for
     * all.
     */
    default Future<Channel> connect(Admitted admitted, RequestContext context, EventLoop loop) {
        return admitted.rest().isDone()
                ? connect(admitted.known(), context, loop)
                : Awaiting.all(admitted, loop, target -> connect(target, context, loop));
    }

    /**
     * Whom this connector itself would connect to on its way to a target: the target, or every proxy or server that may come first.
     * Who makes routes for everything keeps these outside of them.
     *
     * @return with addresses where they are known; a name is to be resolved by the caller
     */
    default Set<Target> firstHops(Target target) {
        return Set.of(target);
    }

    /** Whether {@link #openDatagrams} works. */
    default boolean takesDatagrams() {
        return false;
    }

    /**
     * Opens a way for datagrams to and from any target. What is sent has to be admitted, datagram by datagram, by the caller.
     *
     * @param loop event loop that the returned channel is registered with
     * @return an open channel that belongs to the caller, takes and delivers
     *     {@link io.netty.channel.socket.DatagramPacket}s with the target's resolved address (or its unresolved name, where this
     *     connector takes names), and has {@code autoRead} off and no handler that the caller must know; fails with
     *     {@link RefusedException}
     */
    default Future<Channel> openDatagrams(EventLoop loop) {
        return loop.newFailedFuture(
                new RefusedException(RefusedException.Cause.UNAVAILABLE, "this connector carries no datagrams"));
    }
}
