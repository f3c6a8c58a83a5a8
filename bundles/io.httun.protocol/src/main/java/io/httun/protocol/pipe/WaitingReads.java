// SPDX-License-Identifier: Apache-2.0
package io.httun.protocol.pipe;

import java.util.Iterator;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Requests on {@code r} that wait at the server, by their numbers: the lowest is answered first. Used by one thread at a time.
 *
 * @param <X> what the owner knows a request by; compared by identity
 */
final class WaitingReads<X> {
    /** @param epoch that the client knew when it sent the request */
    record Ask<X>(X request, long number, int epoch, long since) {}

    private final TreeMap<Long, Ask<X>> asks = new TreeMap<>();
    private long nextExpiry = Long.MAX_VALUE;

    void add(Ask<X> ask) {
        asks.put(ask.number(), ask);
        nextExpiry = Math.min(nextExpiry, ask.since() + PipeLimits.READ_WAIT);
    }

    int size() {
        return asks.size();
    }

    boolean isEmpty() {
        return asks.isEmpty();
    }

    /** Removes the first request. */
    Ask<X> poll() {
        return asks.pollFirstEntry().getValue();
    }

    /** Removes a request. @return null if it does not wait */
    Ask<X> remove(long number) {
        return asks.remove(number);
    }

    void forget(X request) {
        asks.values().removeIf(ask -> ask.request() == request);
    }

    /** Removes the first request of an earlier epoch. @return null if there is none */
    Ask<X> pollBefore(int epoch) {
        for (Iterator<Ask<X>> each = asks.values().iterator(); each.hasNext(); ) {
            Ask<X> ask = each.next();
            if (ask.epoch() < epoch) {
                each.remove();
                return ask;
            }
        }
        return null;
    }

    /** Removes the first request that has waited for {@link PipeLimits#READ_WAIT}. @return null if there is none */
    Ask<X> pollExpired(long now) {
        if (nextExpiry - now > 0) {
            return null;
        }
        nextExpiry = Long.MAX_VALUE;
        Ask<X> expired = null;
        for (Iterator<Ask<X>> each = asks.values().iterator(); each.hasNext(); ) {
            Ask<X> ask = each.next();
            long until = ask.since() + PipeLimits.READ_WAIT;
            if (expired == null && until - now <= 0) {
                expired = ask;
                each.remove();
            } else {
                nextExpiry = Math.min(nextExpiry, until);
            }
        }
        return expired;
    }

    /** Nanoseconds at which to ask {@link #pollExpired} again, or earlier; {@link Long#MAX_VALUE} while nothing has waited. */
    long nextExpiry() {
        return nextExpiry;
    }

    /** Removes all. */
    void drain(Consumer<Ask<X>> to) {
        asks.values().forEach(to);
        asks.clear();
    }
}
