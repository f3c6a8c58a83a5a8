// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.RequestContext;
import io.httun.api.target.Target;
import io.httun.api.target.TargetAdmission;
import io.httun.api.target.TargetConnector;
import io.httun.api.tunnel.BulkSockets;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** One way from the wish for a target to a channel: the gate, then the connector, within a time. On one event loop. */
final class Attempt {
    /** Told once, unless the attempt is given up. */
    interface Result {
        void connected(Channel target);

        void failed(Throwable failure);
    }

    private interface Next<T> {
        void take(T result);
    }

    private final EventLoop loop;
    private final Result result;
    private Future<?> pending;
    private Future<?> limit;
    private boolean done;

    Attempt(EventLoop loop, Result result) {
        this.loop = loop;
        this.result = result;
    }

    /** @param time zero = as long as the connector takes */
    void start(
            Target wanted,
            List<String> filters,
            RequestContext context,
            TargetAdmission admission,
            TargetConnector connector,
            Duration time) {
        if (!time.isZero()) {
            limit = loop.schedule(() -> late(time), time.toNanos(), TimeUnit.NANOSECONDS);
        }
        step(
                admission.admitEarly(wanted, filters, !connector.takesNames(), context, loop),
                admitted -> step(connector.connect(admitted, context, loop), connected -> {
                    end();
                    guarded(connected, () -> admission.guards(admitted.known(), filters, context));
                }));
    }

    private void guarded(Channel connected, Supplier<List<ChannelHandler>> guards) {
        try {
            guards.get().forEach(connected.pipeline()::addLast);
        } catch (RefusedException e) {
            connected.close();
            result.failed(e);
            return;
        }
        result.connected(connected);
    }

    void giveUp() {
        if (!done) {
            end();
            pending.cancel(false);
        }
    }

    private void late(Duration time) {
        giveUp();
        result.failed(new RefusedException(
                Cause.TIMED_OUT, "no connection within the " + Supervision.seconds(time) + " that the policy allows"));
    }

    private <T> void step(Future<T> future, Next<T> next) {
        pending = future;
        future.addListener((FutureListener<T>) answer -> {
            if (done) {
                // Given up a moment too late for the one that connects.
                if (answer.isSuccess() && answer.getNow() instanceof Channel connected) {
                    BulkSockets.reset(connected);
                }
            } else if (answer.isSuccess()) {
                next.take(answer.getNow());
            } else {
                end();
                result.failed(answer.cause());
            }
        });
    }

    private void end() {
        done = true;
        if (limit != null) {
            limit.cancel(false);
        }
    }
}
