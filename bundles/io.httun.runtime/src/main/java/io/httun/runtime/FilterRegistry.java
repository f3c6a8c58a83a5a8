// SPDX-License-Identifier: Apache-2.0
package io.httun.runtime;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The available filters of one kind by name; of several with one name the highest ranking wins.
 *
 * @param <F> the kind
 */
final class FilterRegistry<F> {
    private static final String NAME = "name";

    private record Entry<F>(F filter, int ranking, long id) {}

    /** The service order of OSGi: higher ranking first, then the older service. */
    private static final Comparator<Entry<?>> ORDER =
            Comparator.<Entry<?>>comparingInt(Entry::ranking).reversed().thenComparingLong(Entry::id);

    private final Map<String, List<Entry<F>>> byName = new ConcurrentHashMap<>();

    void add(F filter, Map<String, ?> properties) {
        if (properties.get(NAME) instanceof String name) {
            Entry<F> entry = new Entry<>(filter, ranking(properties), id(properties));
            byName.merge(name, List.of(entry), (old, added) -> Stream.concat(old.stream(), added.stream())
                    .sorted(ORDER)
                    .toList());
        }
    }

    void remove(F filter) {
        byName.replaceAll((name, entries) ->
                entries.stream().filter(entry -> entry.filter() != filter).toList());
        byName.values().removeIf(List::isEmpty);
    }

    Optional<F> find(String name) {
        List<Entry<F>> entries = byName.getOrDefault(name, List.of());
        return entries.stream().findFirst().map(Entry::filter);
    }

    private static int ranking(Map<String, ?> properties) {
        return properties.get("service.ranking") instanceof Integer ranking ? ranking : 0;
    }

    private static long id(Map<String, ?> properties) {
        return properties.get("service.id") instanceof Long id ? id : Long.MAX_VALUE;
    }
}
