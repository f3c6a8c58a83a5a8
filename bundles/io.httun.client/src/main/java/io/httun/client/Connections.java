// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.HttunException;
import io.httun.api.status.ConnectionStatus;
import io.httun.api.target.Target;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;

/** The open and the last closed connections of a client, for the shell. Thread-safe. */
final class Connections {
    private static final int KEPT = 50;

    private record Entry(Target target, long since) {}

    private final String origin;
    private final Map<TunnelChannel, Entry> open = new ConcurrentHashMap<>();
    private final Deque<ConnectionStatus> closed = new ConcurrentLinkedDeque<>();

    Connections(String origin) {
        this.origin = origin;
    }

    void opened(TunnelChannel channel, Target target) {
        Entry entry = new Entry(target, System.nanoTime());
        open.put(channel, entry);
        channel.closeFuture().addListener(done -> {
            open.remove(channel);
            closed.addFirst(status(channel, entry, "closed", channel.cause()));
            if (closed.size() > KEPT) {
                closed.pollLast();
            }
        });
    }

    private ConnectionStatus status(TunnelChannel channel, Entry entry, String state, String cause) {
        Counters counters = channel.session().counters();
        return new ConnectionStatus(
                channel.id().asShortText(),
                origin,
                entry.target().toString(),
                state,
                TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - entry.since()),
                counters.bytesOut.sum(),
                counters.bytesIn.sum(),
                cause);
    }

    int count() {
        return open.size();
    }

    List<ConnectionStatus> open() {
        return open.entrySet().stream()
                .map(each -> status(each.getKey(), each.getValue(), "open", ""))
                .toList();
    }

    boolean close(String id) {
        HttunException cause = new HttunException("closed by the operator");
        return open.keySet().stream()
                .filter(channel -> channel.id().asShortText().equals(id))
                .peek(channel -> channel.eventLoop().execute(() -> {
                    channel.pipeline().fireExceptionCaught(cause);
                    channel.close();
                }))
                .findFirst()
                .isPresent();
    }

    List<ConnectionStatus> closed() {
        return List.copyOf(closed);
    }
}
