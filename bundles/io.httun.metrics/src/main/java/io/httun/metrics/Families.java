// SPDX-License-Identifier: Apache-2.0
package io.httun.metrics;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;

/** Collects the values of one scrape by metric. Values of one metric with the same labels become one. */
final class Families {
    private record Family(String help, boolean counter, Map<Labels, Double> values) {}

    private final Map<String, Family> families = new LinkedHashMap<>();

    /**
     * Adds to a counter.
     *
     * @param name without {@code _total}
     * @param labels names and values in turn
     */
    void count(String name, String help, double value, String... labels) {
        put(name, help, true, value, Double::sum, labels);
    }

    /** Adds to a gauge. */
    void gauge(String name, String help, double value, String... labels) {
        put(name, help, false, value, Double::sum, labels);
    }

    /** A gauge of which the largest value is of interest. */
    void most(String name, String help, double value, String... labels) {
        put(name, help, false, value, Math::max, labels);
    }

    /** A gauge that is 1 while something works. */
    void up(String name, String help, boolean works, String... labels) {
        put(name, help, false, works ? 1 : 0, Math::min, labels);
    }

    private void put(
            String name, String help, boolean counter, double value, BinaryOperator<Double> merge, String... labels) {
        families.computeIfAbsent(name, any -> new Family(help, counter, new LinkedHashMap<>()))
                .values()
                .merge(Labels.of(labels), value, merge);
    }

    MetricSnapshots snapshots() {
        MetricSnapshots.Builder all = MetricSnapshots.builder();
        families.forEach((name, family) -> all.metricSnapshot(
                family.counter()
                        ? new CounterSnapshot(new MetricMetadata(name, family.help()), counters(family.values()))
                        : new GaugeSnapshot(new MetricMetadata(name, family.help()), gauges(family.values()))));
        return all.build();
    }

    private static List<CounterDataPointSnapshot> counters(Map<Labels, Double> values) {
        return values.entrySet().stream()
                .map(each -> CounterDataPointSnapshot.builder()
                        .labels(each.getKey())
                        .value(each.getValue())
                        .build())
                .toList();
    }

    private static List<GaugeDataPointSnapshot> gauges(Map<Labels, Double> values) {
        return values.entrySet().stream()
                .map(each -> GaugeDataPointSnapshot.builder()
                        .labels(each.getKey())
                        .value(each.getValue())
                        .build())
                .toList();
    }
}
