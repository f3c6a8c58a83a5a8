// SPDX-License-Identifier: Apache-2.0
package io.httun.runtime;

import io.httun.api.target.Resolution;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * RFC 8305 section 3 for one name: connecting starts immediately with the preferred family's addresses, and with the
 * other family's after a short delay for the preferred ones. Later addresses are added. On one event loop.
 */
final class FamilyRace {
    static final int RESOLUTION_DELAY_MILLIS = 50;

    private final EventExecutor loop;
    private final Future<List<InetAddress>> preferred;
    private final Future<List<InetAddress>> other;
    private final Promise<Resolution> result;
    private final Promise<List<InetAddress>> rest;
    private Future<?> delay;

    private FamilyRace(
            EventExecutor loop,
            Future<List<InetAddress>> preferred,
            Future<List<InetAddress>> other,
            EventExecutor executor) {
        this.loop = loop;
        this.preferred = preferred;
        this.other = other;
        this.result = executor.newPromise();
        this.rest = executor.newPromise();
    }

    /**
     * @param loop runs the delay
     * @param executor notifies the listeners of the result
     * @return fails with the preferred family's failure if both look-ups failed
     */
    static Future<Resolution> run(
            EventExecutor loop,
            Future<List<InetAddress>> preferred,
            Future<List<InetAddress>> other,
            EventExecutor executor) {
        FamilyRace race = new FamilyRace(loop, preferred, other, executor);
        if (preferred.isDone() && other.isDone()) {
            race.end();
        } else {
            preferred.addListener(end -> loop.execute(race::look));
            other.addListener(end -> loop.execute(race::look));
        }
        return race.result;
    }

    private void look() {
        if (preferred.isDone() && other.isDone()) {
            end();
        } else if (preferred.isSuccess()) {
            begin(preferred);
        } else if (other.isSuccess() && delay == null) {
            delay = loop.schedule(() -> begin(other), RESOLUTION_DELAY_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void begin(Future<List<InetAddress>> family) {
        result.trySuccess(new Resolution(family.getNow(), rest));
    }

    /** Both look-ups are complete; addresses not yet reported are the rest. */
    private void end() {
        if (delay != null) {
            delay.cancel(false);
        }
        List<InetAddress> all = Stream.of(preferred, other)
                .filter(Future::isSuccess)
                .flatMap(family -> family.getNow().stream())
                .toList();
        if (result.isSuccess()) {
            List<InetAddress> given = result.getNow().first();
            rest.trySuccess(
                    all.stream().filter(address -> !given.contains(address)).toList());
        } else if (all.isEmpty()) {
            result.tryFailure(preferred.cause());
        } else {
            rest.trySuccess(List.of());
            result.trySuccess(new Resolution(all, rest));
        }
    }
}
