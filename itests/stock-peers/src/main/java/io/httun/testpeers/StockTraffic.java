// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** What a stock server saw: counts since it was built, and the newest of each thing, frames left out. */
public final class StockTraffic {

    private static final int KEPT = 2_000;

    private final Map<StockRequest.Kind, Long> counts = new EnumMap<>(StockRequest.Kind.class);
    private final Deque<StockRequest> requests = new ArrayDeque<>();
    private final Deque<String> refusals = new ArrayDeque<>();
    private final Deque<UUID> clients = new ArrayDeque<>();
    private long connections;
    private long sessions;

    /** Accepted TCP connections. */
    public synchronized long connections() {
        return connections;
    }

    /** Requests of a kind that were read whole, refused ones too. */
    public synchronized long count(StockRequest.Kind kind) {
        return counts.getOrDefault(kind, 0L);
    }

    /** Sessions opened by an Init. */
    public synchronized long sessions() {
        return sessions;
    }

    /** The newest requests, oldest first. */
    public synchronized List<StockRequest> requests() {
        return List.copyOf(requests);
    }

    /** The newest requests of a kind, oldest first. */
    public List<StockRequest> requests(StockRequest.Kind kind) {
        return requests().stream().filter(request -> request.kind() == kind).toList();
    }

    /** Why connections were closed or requests refused, oldest first. */
    public synchronized List<String> refusals() {
        return new ArrayList<>(refusals);
    }

    /** The UUIDs of the clients, one for each session. */
    public synchronized List<UUID> clients() {
        return List.copyOf(clients);
    }

    synchronized long connected() {
        return ++connections;
    }

    synchronized void received(StockRequest request) {
        counts.merge(request.kind(), 1L, Long::sum);
        keep(requests, request.withoutFrame());
    }

    synchronized void opened(UUID client) {
        sessions++;
        keep(clients, client);
    }

    synchronized void refused(String reason) {
        keep(refusals, reason);
    }

    private static <T> void keep(Deque<T> newest, T item) {
        if (newest.size() == KEPT) {
            newest.removeFirst();
        }
        newest.addLast(item);
    }
}
