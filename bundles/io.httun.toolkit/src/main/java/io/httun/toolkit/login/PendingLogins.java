// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.login;

import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The connections of one port without a login: a limited number, so that strangers cannot use up the places of
 * users. A new connection takes the place of the oldest one: silent connections cannot keep users out. Thread-safe.
 */
public final class PendingLogins {
    /** Far more than log in at the same moment, and with a request of 64 KiB each no more than 16 MiB. */
    public static final int MOST = 256;

    /** A login is the first thing that a client sends; slow lines need a few seconds for it. */
    public static final int SECONDS = 10;

    /** @param close ends the connection, from any thread */
    private record Pending(Runnable close, Future<?> limit) {}

    private final Map<Channel, Pending> pending = new LinkedHashMap<>();

    /** Takes a connection, which is closed if it has not logged in within {@value #SECONDS} s. */
    public void add(Channel channel, Runnable close) {
        add(channel, MOST, close, channel.eventLoop().schedule(() -> channel.close(), SECONDS, TimeUnit.SECONDS));
    }

    /**
     * Takes a connection that has a time limit of its own.
     *
     * @param most how many there may be with this one
     * @param close ends the connection when its place is needed; called on any thread
     */
    public void add(Channel channel, int most, Runnable close) {
        add(channel, most, close, channel.newSucceededFuture());
    }

    private void add(Channel channel, int most, Runnable close, Future<?> limit) {
        synchronized (this) {
            pending.put(channel, new Pending(close, limit));
        }
        channel.closeFuture().addListener(closed -> remove(channel));
        while (size() > most) {
            closeOldest();
        }
    }

    /** Closes the connection that has been without a login for longest; empty if there is none. */
    public Optional<Channel> closeOldest() {
        Map.Entry<Channel, Pending> oldest;
        synchronized (this) {
            Iterator<Map.Entry<Channel, Pending>> all = pending.entrySet().iterator();
            if (!all.hasNext()) {
                return Optional.empty();
            }
            oldest = all.next();
            all.remove();
        }
        oldest.getValue().limit().cancel(false);
        oldest.getValue().close().run();
        return Optional.of(oldest.getKey());
    }

    private synchronized int size() {
        return pending.size();
    }

    /** A connection has logged in, or has closed. */
    public void remove(Channel channel) {
        Pending removed;
        synchronized (this) {
            removed = pending.remove(channel);
        }
        if (removed != null) {
            removed.limit().cancel(false);
        }
    }
}
