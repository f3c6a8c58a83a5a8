// SPDX-License-Identifier: Apache-2.0
package io.httun.gnuhttptunnel;

import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Promise;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/** One tunnel at a time, because a server cannot tell two apart; the others wait, in order and bounded. Thread-safe. */
final class Turns {
    private record Waiting(EventLoop loop, Promise<Channel> promise, Runnable start) {}

    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private boolean taken;

    /**
     * Has {@code start} run on {@code loop} when it is its turn. The turn ends with {@link #next()}.
     *
     * @param promise fails if the turn does not come
     */
    void take(ClientSettings settings, EventLoop loop, Promise<Channel> promise, Runnable start) {
        Waiting one = new Waiting(loop, promise, start);
        synchronized (this) {
            if (taken && waiting.size() >= settings.queueMax()) {
                promise.tryFailure(new RefusedException(
                        Cause.OVERLOADED, settings.route() + ": carries one connection at a time"));
                return;
            }
            waiting.add(one);
            if (taken) {
                loop.schedule(() -> giveUp(one, settings), settings.queueSeconds(), TimeUnit.SECONDS);
            }
        }
        go();
    }

    private void giveUp(Waiting one, ClientSettings settings) {
        synchronized (this) {
            if (!waiting.remove(one)) {
                return;
            }
        }
        one.promise.tryFailure(new RefusedException(
                Cause.TIMED_OUT, settings.route() + ": no turn within " + settings.queueSeconds() + " s"));
    }

    synchronized void next() {
        taken = false;
        go();
    }

    private synchronized void go() {
        while (!taken && !waiting.isEmpty()) {
            Waiting one = waiting.poll();
            if (!one.promise.isDone()) {
                taken = true;
                one.loop.execute(one.start);
            }
        }
    }
}
