// SPDX-License-Identifier: Apache-2.0
package io.httun.gnuhttptunnel;

import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.httun.toolkit.carried.Opening;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/** One tunnel at a time, because a server cannot tell two apart; the others wait, in order and bounded. Thread-safe. */
final class Turns {
    private record Waiting(Opening<GnuHttptunnelConnectorSettings> opening, Runnable start) {}

    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private boolean taken;

    /**
     * Has {@code start} run on the loop when it is its turn. The turn ends with {@link #next()}.
     *
     * @param opening fails if the turn does not come
     */
    void take(Opening<GnuHttptunnelConnectorSettings> opening, Runnable start) {
        GnuHttptunnelConnectorSettings settings = opening.settings();
        Waiting one = new Waiting(opening, start);
        synchronized (this) {
            if (taken && waiting.size() >= settings.queueMax()) {
                opening.promise()
                        .tryFailure(new RefusedException(
                                Cause.OVERLOADED, settings.route() + ": the tunnel carries one connection at a time"));
                return;
            }
            waiting.add(one);
            if (taken) {
                opening.loop().schedule(() -> giveUp(one), settings.queueSeconds(), TimeUnit.SECONDS);
            }
        }
        go();
    }

    private void giveUp(Waiting one) {
        synchronized (this) {
            if (!waiting.remove(one)) {
                return;
            }
        }
        GnuHttptunnelConnectorSettings settings = one.opening.settings();
        one.opening
                .promise()
                .tryFailure(new RefusedException(
                        Cause.TIMED_OUT,
                        settings.route() + ": no other connection ended within " + settings.queueSeconds() + " s"));
    }

    synchronized void next() {
        taken = false;
        go();
    }

    private synchronized void go() {
        while (!taken && !waiting.isEmpty()) {
            Waiting one = waiting.poll();
            if (!one.opening.promise().isDone()) {
                taken = true;
                one.opening.loop().execute(one.start);
            }
        }
    }
}
