// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** The connections of a probe. Thread-safe. */
final class ProbeLinks {
    private static final int MOST = 40;

    private final EventLoop loop;
    private final Dialer dialer;
    private final ServerUrl url;
    private final Deque<ProbeLink> idle = new ArrayDeque<>();
    private final Set<ProbeLink> all = new HashSet<>();
    private boolean closed;

    ProbeLinks(EventLoop loop, Dialer dialer, ServerUrl url) {
        this.loop = loop;
        this.dialer = dialer;
        this.url = url;
    }

    /** Opens a new connection; {@link #close} closes it. */
    CompletableFuture<ProbeLink> open() {
        synchronized (this) {
            if (closed || all.size() >= MOST) {
                return CompletableFuture.failedFuture(
                        new HttunException(closed ? "the probe has ended" : MOST + " connections are open"));
            }
        }
        return ProbeLink.open(loop, dialer, url).thenApply(link -> {
            synchronized (this) {
                all.add(link);
                link.closed().thenRun(() -> forget(link));
                if (closed) {
                    link.close();
                }
            }
            return link;
        });
    }

    private synchronized void forget(ProbeLink link) {
        all.remove(link);
        idle.remove(link);
    }

    /**
     * Makes one exchange on an idle connection or a new one, which becomes idle afterwards unless it was closed. If an idle connection is
     * closed at the moment of its use, the exchange is repeated on a new one.
     */
    <T> CompletableFuture<T> use(Function<ProbeLink, CompletableFuture<T>> exchange) {
        Optional<ProbeLink> kept = idle();
        return kept.isEmpty()
                ? open().thenCompose(link -> run(link, exchange))
                : run(kept.get(), exchange)
                        .exceptionallyCompose(failure -> kept.get().isOpen()
                                ? CompletableFuture.failedFuture(failure)
                                : open().thenCompose(link -> run(link, exchange)));
    }

    private <T> CompletableFuture<T> run(ProbeLink link, Function<ProbeLink, CompletableFuture<T>> exchange) {
        return exchange.apply(link).whenComplete((result, failure) -> {
            if (failure == null && link.isOpen()) {
                giveBack(link);
            } else {
                link.close();
            }
        });
    }

    private synchronized Optional<ProbeLink> idle() {
        for (ProbeLink link = idle.poll(); link != null; link = idle.poll()) {
            if (link.isOpen()) {
                return Optional.of(link);
            }
        }
        return Optional.empty();
    }

    synchronized void giveBack(ProbeLink link) {
        idle.push(link);
    }

    void close() {
        Set<ProbeLink> open;
        synchronized (this) {
            closed = true;
            open = Set.copyOf(all);
        }
        open.forEach(ProbeLink::close);
    }
}
