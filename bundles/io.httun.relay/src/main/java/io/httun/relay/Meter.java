// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import io.httun.api.relay.EndCause;
import io.httun.api.relay.RelayPolicy;
import io.netty.channel.Channel;
import java.util.function.BiConsumer;

/**
 * Accounting and policy for targets that a negotiation uses directly instead of relaying. Consecutive targets of one
 * connection count as one. Used on the connection's event loop; counters are read on any thread.
 */
final class Meter implements Supervision.Supervised {
    private final Channel client;
    private final BiConsumer<EndCause, String> end;
    private final Supervision supervision;
    private final boolean buffered;
    private final FairLoop fair;
    private final FairLoop.Source source;
    /** Null while the rate is unlimited. */
    private Throttle throttleTo;

    private Throttle throttleFrom;
    private long bytesMax = Long.MAX_VALUE;
    private MeteredTarget target;
    private boolean stopped;
    private volatile long toTarget;
    private volatile long fromTarget;
    private volatile long readsToTarget;
    private volatile long readsFromTarget;

    Meter(Channel client, FairLoop fair, String source, long acceptedNanos, BiConsumer<EndCause, String> end) {
        this.client = client;
        this.buffered = RelayOutput.isBuffered(client);
        this.end = end;
        this.supervision = new Supervision(this, client.eventLoop(), acceptedNanos);
        this.fair = fair;
        this.source = fair.join(source);
    }

    void under(RelayLimits limits) {
        RelayPolicy policy = limits.policy();
        bytesMax = policy.bytesMax() == 0 ? Long.MAX_VALUE : policy.bytesMax();
        throttleTo = throttle(throttleTo, limits.to(), true);
        throttleFrom = throttle(throttleFrom, limits.from(), false);
        supervision.under(policy);
    }

    private Throttle throttle(Throttle old, RateLimit limit, boolean outward) {
        Throttle throttle = old;
        if (throttle == null && !limit.isNone()) {
            throttle = new Throttle(client.eventLoop(), MeteredTarget.gate(() -> target, outward));
        }
        if (throttle != null) {
            throttle.limit(limit);
        }
        return throttle;
    }

    /** Switches to a new target; bytes still queued for the previous target are dropped. */
    void attach(Channel channel) {
        if (target != null) {
            target.drop();
        }
        target = new MeteredTarget(this);
        channel.pipeline().addLast(target);
    }

    /** Delivers queued bytes before the target's next handlers take over. */
    void detach(Channel channel) {
        if (target != null && channel.pipeline().context(target) != null) {
            channel.pipeline().remove(target);
        }
    }

    void stop() {
        if (!stopped) {
            stopped = true;
            supervision.stop();
            fair.leave(source);
            if (target != null) {
                target.drop();
            }
        }
    }

    Throttle throttleTo() {
        return throttleTo;
    }

    Throttle throttleFrom() {
        return throttleFrom;
    }

    boolean isClientWritable() {
        return client.isWritable();
    }

    /** Counts the bytes; returns false if they exceed the policy, which ends the connection. */
    boolean countTo(int length) {
        if (isTooMuch(length)) {
            return false;
        }
        toTarget += length;
        readsToTarget++;
        return true;
    }

    /** As {@link #countTo}, in the other direction. */
    boolean countFrom(int length) {
        if (isTooMuch(length)) {
            return false;
        }
        fromTarget += length;
        readsFromTarget++;
        return true;
    }

    private boolean isTooMuch(int more) {
        if (bytes() + more <= bytesMax) {
            return false;
        }
        fail(EndCause.BYTES, Relay.tooMuch(bytesMax));
        return true;
    }

    /** Returns true if the source has used its share of this turn; {@code waiting} is called at its next turn. */
    boolean isOverShare(int length, FairLoop.Waiting waiting) {
        return !stopped && fair.isOver(source, length, waiting);
    }

    long toTarget() {
        return toTarget;
    }

    long fromTarget() {
        return fromTarget;
    }

    long readsToTarget() {
        return readsToTarget;
    }

    long readsFromTarget() {
        return readsFromTarget;
    }

    @Override
    public long bytes() {
        return toTarget + fromTarget;
    }

    @Override
    public long waiting() {
        return held(throttleTo)
                + held(throttleFrom)
                + RelayOutput.waiting(client, buffered)
                + (target == null ? 0 : target.waiting());
    }

    private static long held(Throttle throttle) {
        return throttle == null ? 0 : throttle.held();
    }

    @Override
    public void fail(EndCause cause, String why) {
        supervision.stop();
        end.accept(cause, why);
    }
}
