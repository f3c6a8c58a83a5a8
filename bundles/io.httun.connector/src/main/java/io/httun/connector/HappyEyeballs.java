// SPDX-License-Identifier: Apache-2.0
package io.httun.connector;

import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * RFC 8305 on one event loop: one address after the other, families alternating, the next one when the last one failed or
 * has not answered within the delay; the first to connect wins and the rest is closed.
 */
final class HappyEyeballs {
    private final EventLoop loop;
    private final Function<InetAddress, ChannelFuture> connect;
    private final int delayMillis;
    private final Deque<InetAddress> untried;
    private final List<ChannelFuture> attempts = new ArrayList<>();
    private final Promise<Channel> winner;
    private RefusedException worst = new RefusedException(Cause.UNREACHABLE, "no address to connect to");
    private Future<?> nextAttempt;
    private int running;

    private HappyEyeballs(
            EventLoop loop,
            List<InetAddress> addresses,
            Function<InetAddress, ChannelFuture> connect,
            int delayMillis) {
        this.loop = loop;
        this.connect = connect;
        this.delayMillis = delayMillis;
        this.untried = new ArrayDeque<>(alternate(addresses));
        this.winner = loop.newPromise();
    }

    /** @param limitSeconds for all attempts together */
    static Future<Channel> race(
            EventLoop loop,
            List<InetAddress> addresses,
            Function<InetAddress, ChannelFuture> connect,
            int delayMillis,
            int limitSeconds) {
        HappyEyeballs race = new HappyEyeballs(loop, addresses, connect, delayMillis);
        loop.execute(() -> race.start(limitSeconds));
        return race.winner;
    }

    /** Keeps the order of preference within a family and the family of the first address first. */
    static List<InetAddress> alternate(List<InetAddress> addresses) {
        if (addresses.size() < 2) {
            return addresses;
        }
        boolean sixFirst = addresses.get(0) instanceof Inet6Address;
        Deque<InetAddress> first = new ArrayDeque<>();
        Deque<InetAddress> second = new ArrayDeque<>();
        addresses.forEach(address -> (address instanceof Inet6Address == sixFirst ? first : second).add(address));
        List<InetAddress> mixed = new ArrayList<>();
        while (!first.isEmpty() || !second.isEmpty()) {
            if (!first.isEmpty()) {
                mixed.add(first.poll());
            }
            if (!second.isEmpty()) {
                mixed.add(second.poll());
            }
        }
        return mixed;
    }

    private void start(int limitSeconds) {
        Future<?> deadline = loop.schedule(
                () -> winner.tryFailure(
                        new RefusedException(Cause.TIMED_OUT, "nothing answered within " + limitSeconds + " s")),
                limitSeconds,
                TimeUnit.SECONDS);
        winner.addListener(end -> {
            deadline.cancel(false);
            cancelNext();
            Object won = end.isSuccess() ? end.getNow() : null;
            attempts.stream()
                    .filter(attempt -> !attempt.isDone() || attempt.isSuccess() && attempt.channel() != won)
                    .forEach(attempt -> attempt.channel().close());
        });
        tryNext();
    }

    private void tryNext() {
        cancelNext();
        if (winner.isDone()) {
            return;
        }
        InetAddress address = untried.poll();
        if (address == null) {
            if (running == 0) {
                winner.tryFailure(worst);
            }
            return;
        }
        running++;
        if (!untried.isEmpty()) {
            nextAttempt = loop.schedule(this::tryNext, delayMillis, TimeUnit.MILLISECONDS);
        }
        ChannelFuture attempt = connect.apply(address);
        attempts.add(attempt);
        attempt.addListener(end -> ended(attempt, address));
    }

    private void ended(ChannelFuture attempt, InetAddress address) {
        running--;
        if (attempt.isSuccess()) {
            if (!winner.trySuccess(attempt.channel())) {
                attempt.channel().close();
            }
        } else if (!winner.isDone()) {
            RefusedException failure = Refusals.of(attempt.cause(), NetUtil.toAddressString(address));
            worst = attempts.size() == 1 ? failure : Refusals.moreTelling(worst, failure);
            tryNext();
        }
    }

    private void cancelNext() {
        if (nextAttempt != null) {
            nextAttempt.cancel(false);
        }
    }
}
