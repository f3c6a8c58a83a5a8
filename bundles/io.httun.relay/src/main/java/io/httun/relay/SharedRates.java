// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import io.httun.api.relay.RelayPolicy;
import io.httun.api.relay.RelaySettings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The rates that the connections of one listener share: one of all connections, and one of each user with a total.
 * Thread-safe.
 */
final class SharedRates {
    private static final String EVERYBODY = "";

    private record Key(String user, boolean outward) {}

    private final Map<Key, SharedRate> rates = new ConcurrentHashMap<>();

    /** Remaining rates keep their state; only their numbers change. */
    void under(RelaySettings settings) {
        Map<Key, Long> wanted = new HashMap<>();
        settings.users().forEach((user, policy) -> want(wanted, user, policy));
        want(wanted, EVERYBODY, settings.policy());
        rates.keySet().retainAll(wanted.keySet());
        wanted.forEach((key, rate) ->
                rates.computeIfAbsent(key, any -> new SharedRate(rate)).change(rate));
    }

    private static void want(Map<Key, Long> wanted, String user, RelayPolicy policy) {
        if (policy.totalTo() > 0) {
            wanted.put(new Key(user, true), policy.totalTo());
        }
        if (policy.totalFrom() > 0) {
            wanted.put(new Key(user, false), policy.totalFrom());
        }
    }

    /** The limits of a connection of this user; an empty user has the listener's. */
    RelayLimits limits(RelaySettings settings, String user) {
        return new RelayLimits(settings.policyOf(user), totals(user, true), totals(user, false));
    }

    /** The user's rate is asked first, so that bytes it refuses are not taken from the listener's rate. */
    private List<SharedRate> totals(String user, boolean outward) {
        return Stream.of(user, EVERYBODY)
                .distinct()
                .map(whose -> rates.get(new Key(whose, outward)))
                .filter(Objects::nonNull)
                .toList();
    }
}
