// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import io.httun.api.relay.EndCause;
import io.httun.api.relay.RelayPolicy;
import io.netty.channel.Channel;
import java.util.function.BiConsumer;

/**
 * Counts what targets carry that a negotiation speaks with itself, one after the other, and holds them to the policy as if
 * they were one. On the connection's event loop; counts are read on any thread.
 */
final class Meter implements Supervision.Supervised {
    private final Channel client;
    private final BiConsumer<EndCause, String> end;
    private final Supervision supervision;
    private final FairLoop fair;
    private final FairLoop.Source source;
    /** Null while there is no limit to the rate. */
    private Throttle throttleTo;

    private Throttle throttleFrom;
    private long bytesMax = Long.MAX_VALUE;
    private MeteredTarget target;
    private boolean stopped;
    private volatile long toTarget;
    private volatile long fromTarget;
    private volatile long readsToTarget;
    private volatile long readsFromTarget;

    /**
     * @param fair of the client's event loop
     * @param end ends the connection
     */
    Meter(Channel client, FairLoop fair, String source, long acceptedNanos, BiConsumer<EndCause, String> end) {
        this.client = client;
        this.end = end;
        this.supervision = new Supervision(this, client.eventLoop(), acceptedNanos);
        this.fair = fair;
        this.source = fair.join(source);
    }

    void under(Limits limits) {
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

    /** From now on it is this one; what the last one held back is lost with it. */
    void attach(Channel channel) {
        if (target != null) {
            target.drop();
        }
        target = new MeteredTarget(this);
        channel.pipeline().addLast(target);
    }

    /** Lets go what is held back, in front of what the target's next handlers do. */
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

    /** Counts them; false where they are too many, and all is over. */
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

    /** Whether the source has had its share of this turn; {@code waiting} is called when its next one comes. */
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
    public void fail(EndCause cause, String why) {
        supervision.stop();
        end.accept(cause, why);
    }
}
