// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * Connects to the addresses of one name, the next one when the last has failed or has not answered soon (RFC 8305 section 5); the first
 * connection wins. Confined to an event loop.
 */
final class AddressRace {
    /** RFC 8305 section 8. */
    private static final long HEAD_START_MILLIS = 250;

    private final EventLoop loop;
    private final Iterator<InetAddress> left;
    private final Function<InetAddress, ChannelFuture> connect;
    private final BooleanSupplier cancelled;
    private final Promise<Channel> winner;
    private final List<ChannelFuture> running = new ArrayList<>();
    private Throwable last = new HttunException("the name has no address");
    private int started;

    private AddressRace(
            EventLoop loop,
            List<InetAddress> addresses,
            Function<InetAddress, ChannelFuture> connect,
            BooleanSupplier cancelled) {
        this.loop = loop;
        this.left = addresses.iterator();
        this.connect = connect;
        this.cancelled = cancelled;
        this.winner = loop.newPromise();
    }

    /** @param cancelled whether the connection is no longer wanted */
    static Future<Channel> run(
            EventLoop loop,
            List<InetAddress> addresses,
            Function<InetAddress, ChannelFuture> connect,
            BooleanSupplier cancelled) {
        AddressRace race = new AddressRace(loop, addresses, connect, cancelled);
        if (loop.inEventLoop()) {
            race.next();
        } else {
            loop.execute(race::next);
        }
        return race.winner;
    }

    private void next() {
        if (winner.isDone()) {
            return;
        }
        if (cancelled.getAsBoolean() || !left.hasNext()) {
            if (running.isEmpty()) {
                winner.tryFailure(last);
            }
            return;
        }
        started++;
        int turn = started;
        ChannelFuture attempt = connect.apply(left.next());
        running.add(attempt);
        attempt.addListener((ChannelFuture done) -> ended(done));
        if (left.hasNext()) {
            loop.schedule(
                    () -> {
                        if (turn == started) {
                            next();
                        }
                    },
                    HEAD_START_MILLIS,
                    TimeUnit.MILLISECONDS);
        }
    }

    private void ended(ChannelFuture attempt) {
        running.remove(attempt);
        if (!attempt.isSuccess()) {
            last = attempt.cause();
            next();
        } else if (winner.trySuccess(attempt.channel())) {
            running.forEach(other -> other.cancel(false));
        } else {
            attempt.channel().close();
        }
    }
}
