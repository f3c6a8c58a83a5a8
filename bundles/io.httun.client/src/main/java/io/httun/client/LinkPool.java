// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** The HTTP connections of a pipe, one request at a time on each. Confined to an event loop. */
final class LinkPool {
    /** Below the 1,000 requests after which nginx and others close a connection (nginx keepalive_requests). */
    private static final int MAX_REQUESTS = 900;

    /** Below the 60 s after which common proxies close an idle connection, which would lose a request sent at that moment. */
    private static final long MAX_IDLE = TimeUnit.SECONDS.toNanos(55);

    /** Limit for idle connections beyond those of a quiet pipe: only bulk traffic needs them. */
    private static final long MAX_SPARE_IDLE = TimeUnit.SECONDS.toNanos(10);

    private static final int FEW = 2;

    /** A connection and its use so far. */
    final class Pooled {
        private final HttpLink link;
        private int requests;
        private long idleSince;

        private Pooled(HttpLink link) {
            this.link = link;
            link.whenLeft(() -> dialer.path().cutAfter(System.nanoTime() - idleSince));
        }

        HttpLink link() {
            return link;
        }

        /** Returns the connection to the pool after its request. */
        void giveBack() {
            idleSince = System.nanoTime();
            if (closed || requests >= MAX_REQUESTS) {
                link.close();
                all.remove(this);
            } else {
                idle.push(this);
            }
        }
    }

    private final EventLoop loop;
    private final Dialer dialer;
    private final ServerUrl url;
    private final Deque<Pooled> idle = new ArrayDeque<>();
    private final Set<Pooled> all = new HashSet<>();
    private boolean closed;

    LinkPool(EventLoop loop, Dialer dialer, ServerUrl url) {
        this.loop = loop;
        this.dialer = dialer;
        this.url = url;
    }

    /** Adds an existing connection. */
    void add(HttpLink link) {
        Pooled pooled = new Pooled(link);
        all.add(pooled);
        pooled.giveBack();
    }

    /** Returns the connection that was used last, because the others may be closed soon; a new one if none is idle. */
    Pooled take() {
        while (!idle.isEmpty()
                && System.nanoTime() - idle.peekLast().idleSince
                        > dialer.path().idle(idle.size() > FEW ? MAX_SPARE_IDLE : MAX_IDLE)) {
            Pooled old = idle.pollLast();
            old.link.close();
            all.remove(old);
        }
        Pooled pooled = idle.poll();
        if (pooled == null) {
            pooled = new Pooled(new HttpLink(loop, dialer, url));
            all.add(pooled);
        }
        pooled.requests++;
        return pooled;
    }

    void close() {
        closed = true;
        all.forEach(pooled -> pooled.link.close());
        all.clear();
        idle.clear();
    }
}
