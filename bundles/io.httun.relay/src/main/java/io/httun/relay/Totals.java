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

/** The rates that the connections of one listener share: all of them one, and those of a user another. Thread-safe. */
final class Totals {
    private static final String EVERYBODY = "";

    private record Key(String user, boolean outward) {}

    private final Map<Key, SharedRate> rates = new ConcurrentHashMap<>();

    /** Rates that there still are go on as they are, but for their numbers. */
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

    /** What a connection of this user is held to; of nobody in particular where it is empty. */
    Limits limits(RelaySettings settings, String user) {
        return new Limits(settings.policyOf(user), totals(user, true), totals(user, false));
    }

    /** The user's own first, so that what that does not let through is not asked of the others'. */
    private List<SharedRate> totals(String user, boolean outward) {
        return Stream.of(user, EVERYBODY)
                .distinct()
                .map(whose -> rates.get(new Key(whose, outward)))
                .filter(Objects::nonNull)
                .toList();
    }
}
