// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import io.httun.api.relay.EndCause;
import io.httun.relay.ConnectionAccount.Traffic;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * The bytes of one connection: a {@link Meter} limits and counts them while the negotiation uses targets directly, a {@link Relay}
 * afterwards. Changes on the event loop only; the counters are read on any thread.
 */
final class ConnectionFlow {
    private final Channel client;
    private final ListenerOrigin origin;
    private final String source;
    private final long acceptedNanos;
    private volatile Relay relay;
    /** Null unless targets are used directly. */
    private volatile Meter meter;

    ConnectionFlow(ListenerOrigin origin, Channel client, String source, long acceptedNanos) {
        this.origin = origin;
        this.client = client;
        this.source = source;
        this.acceptedNanos = acceptedNanos;
    }

    /** Null before the relay. */
    Relay relay() {
        return relay;
    }

    boolean isMetered() {
        return meter != null;
    }

    /** Meters another target. @param end ends the connection when its limits are exceeded */
    void meter(Channel target, RelayLimits limits, BiConsumer<EndCause, String> end) {
        if (meter == null) {
            meter = new Meter(client, origin.fairLoop(client.eventLoop()), source, acceptedNanos, end);
            meter.under(limits);
        }
        meter.attach(target);
    }

    /** Applies changed limits. */
    void under(RelayLimits limits) {
        if (relay != null) {
            relay.under(limits);
        } else if (meter != null) {
            meter.under(limits);
        }
    }

    /** Relays with a target from now on. @param ended is told the end of the relay */
    void relay(
            Channel target,
            RelayLimits limits,
            BiConsumer<EndCause, String> ended,
            ChannelHandler negotiation,
            List<ByteBuf> early,
            boolean clientEnded) {
        Relay started = new Relay(client, target, ended, origin.fairLoop(client.eventLoop()), source, acceptedNanos);
        relay = started;
        if (meter != null) {
            meter.detach(target);
            meter.stop();
        }
        started.under(limits);
        started.start(negotiation, early, clientEnded);
    }

    void stopMeter() {
        if (meter != null) {
            meter.stop();
        }
    }

    /** Number of bytes read from one side and not yet sent to the other. */
    long queued() {
        Relay running = relay;
        return running == null
                ? 0
                : running.client().output().queued() + running.target().output().queued();
    }

    Traffic traffic() {
        Relay relayed = relay;
        Meter metered = meter;
        return new Traffic(
                (relayed == null ? 0 : relayed.client().bytes()) + (metered == null ? 0 : metered.toTarget()),
                (relayed == null ? 0 : relayed.target().bytes()) + (metered == null ? 0 : metered.fromTarget()),
                (relayed == null ? 0 : relayed.client().reads()) + (metered == null ? 0 : metered.readsToTarget()),
                (relayed == null ? 0 : relayed.target().reads()) + (metered == null ? 0 : metered.readsFromTarget()));
    }
}
