// SPDX-License-Identifier: Apache-2.0
package io.httun.connector;

import io.httun.api.target.RefusedException;
import io.httun.api.target.RefusedException.Cause;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import io.netty.util.concurrent.Promise;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * RFC 8305 on one event loop. Addresses are tried in order with alternating families; the next attempt starts when
 * the previous one fails or has not answered within the delay. The first connection wins and the others are closed.
 * Addresses may be added during the race.
 */
final class HappyEyeballs {
    private final EventLoop loop;
    private final Function<InetAddress, ChannelFuture> connect;
    private final long delayNanos;
    private final List<ChannelFuture> attempts = new ArrayList<>();
    private final Promise<Channel> winner;
    private List<InetAddress> untried = List.of();
    private boolean complete;
    private RefusedException worst = new RefusedException(Cause.UNREACHABLE, "no address to connect to");
    private Future<?> nextAttempt;
    private long lastNanos;
    private int running;

    HappyEyeballs(EventLoop loop, Function<InetAddress, ChannelFuture> connect, int delayMillis) {
        this.loop = loop;
        this.connect = connect;
        this.delayNanos = TimeUnit.MILLISECONDS.toNanos(delayMillis);
        this.winner = loop.newPromise();
    }

    /**
     * @param first best first
     * @param rest further addresses; never fails
     * @param usable filter of the further addresses
     * @param limitSeconds for all attempts together
     */
    Future<Channel> start(
            List<InetAddress> first,
            Future<List<InetAddress>> rest,
            UnaryOperator<List<InetAddress>> usable,
            int limitSeconds) {
        loop.execute(() -> {
            limit(limitSeconds);
            if (rest.isDone()) {
                complete = true;
                add(first, usable.apply(rest.getNow()));
            } else {
                add(first, List.of());
                rest.addListener((FutureListener<List<InetAddress>>) late -> {
                    complete = true;
                    add(usable.apply(late.getNow()), untried);
                });
            }
        });
        return winner;
    }

    /** Keeps the order within a family, and the family of the first address first. */
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

    private void limit(int seconds) {
        Future<?> deadline = loop.schedule(
                () -> winner.tryFailure(new RefusedException(Cause.TIMED_OUT, "no answer within " + seconds + " s")),
                seconds,
                TimeUnit.SECONDS);
        winner.addListener(end -> {
            deadline.cancel(false);
            cancelNext();
            Object won = end.isSuccess() ? end.getNow() : null;
            attempts.stream()
                    .filter(attempt -> !attempt.isDone() || attempt.isSuccess() && attempt.channel() != won)
                    .forEach(attempt -> attempt.channel().close());
        });
    }

    /** Later addresses are of the family not yet tried, and precede the remaining ones. */
    private void add(List<InetAddress> some, List<InetAddress> others) {
        untried = alternate(Stream.concat(some.stream(), others.stream()).toList());
        if (running == 0) {
            tryNext();
        } else {
            planNext();
        }
    }

    private void tryNext() {
        cancelNext();
        if (winner.isDone()) {
            return;
        }
        if (untried.isEmpty()) {
            if (running == 0 && complete) {
                winner.tryFailure(worst);
            }
            return;
        }
        InetAddress address = untried.get(0);
        untried = untried.subList(1, untried.size());
        running++;
        lastNanos = loop.ticker().nanoTime();
        ChannelFuture attempt = connect.apply(address);
        attempts.add(attempt);
        planNext();
        attempt.addListener(end -> ended(attempt, address));
    }

    private void planNext() {
        if (!untried.isEmpty() && nextAttempt == null && !winner.isDone()) {
            long wait = Math.max(0, lastNanos + delayNanos - loop.ticker().nanoTime());
            nextAttempt = loop.schedule(this::tryNext, wait, TimeUnit.NANOSECONDS);
        }
    }

    private void ended(ChannelFuture attempt, InetAddress address) {
        running--;
        if (attempt.isSuccess()) {
            if (!winner.trySuccess(attempt.channel())) {
                attempt.channel().close();
            }
        } else if (!winner.isDone()) {
            RefusedException failure = ConnectFailures.of(attempt.cause(), NetUtil.toAddressString(address));
            worst = attempts.size() == 1 ? failure : ConnectFailures.moreTelling(worst, failure);
            tryNext();
        }
    }

    private void cancelNext() {
        if (nextAttempt != null) {
            nextAttempt.cancel(false);
            nextAttempt = null;
        }
    }
}
