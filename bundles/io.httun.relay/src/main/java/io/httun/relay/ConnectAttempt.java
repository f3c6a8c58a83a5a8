// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.api.target.RequestContext;
import io.httun.api.target.Target;
import io.httun.api.target.TargetAdmission;
import io.httun.api.target.TargetConnector;
import io.httun.toolkit.target.ConnectorCall;
import io.httun.toolkit.target.ConnectorCycle;
import io.httun.toolkit.tunnel.BulkSockets;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** One attempt to connect: admission, then the connector, within a time limit. On one event loop. */
final class ConnectAttempt {
    /** Called once, unless the attempt is cancelled. */
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

    ConnectAttempt(EventLoop loop, Result result) {
        this.loop = loop;
        this.result = result;
    }

    /** @param time zero = no limit but the connector's */
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
        Optional<String> cycle = ConnectorCycle.find(connector);
        if (cycle.isPresent()) {
            end();
            result.failed(ConnectorCycle.refusal(cycle.get()));
            return;
        }
        step(
                admission.admitEarly(wanted, filters, !connector.takesNames(), context, loop),
                admitted ->
                        step(ConnectorCall.of(loop, () -> connector.connect(admitted, context, loop)), connected -> {
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

    void cancel() {
        if (!done) {
            end();
            pending.cancel(false);
        }
    }

    private void late(Duration time) {
        cancel();
        result.failed(new RefusedException(
                Cause.TIMED_OUT, "no connection within " + Supervision.seconds(time) + ", the policy's connect time"));
    }

    private <T> void step(Future<T> future, Next<T> next) {
        pending = future;
        future.addListener((FutureListener<T>) answer -> {
            if (done) {
                // Cancelled too late for the connector: the channel is unused.
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
