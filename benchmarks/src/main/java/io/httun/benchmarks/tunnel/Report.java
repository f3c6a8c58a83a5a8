// SPDX-License-Identifier: Apache-2.0
package io.httun.benchmarks.tunnel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Collects figures, prints each as it comes, and writes all of them as JSON and as a Markdown table. */
public final class Report {
    private final Map<String, Map<String, Double>> rows = new LinkedHashMap<>();

    public void add(String work, String path, double value) {
        rows.computeIfAbsent(work, key -> new LinkedHashMap<>()).put(path, value);
        Map<String, Double> row = rows.get(work);
        String base = path.endsWith("40 ms") ? "direct 40 ms" : "direct";
        String ratio = row.containsKey(base) && !path.equals(base)
                ? String.format(Locale.ROOT, "  %6.2f of %s", value / row.get(base), base)
                : "";
        System.out.printf(Locale.ROOT, "%-52s %-16s %10.2f%s%n", work, path, value, ratio);
    }

    public void write(Path json) throws IOException {
        String body = rows.entrySet().stream()
                .map(row -> "  \"" + row.getKey() + "\": {"
                        + row.getValue().entrySet().stream()
                                .map(cell -> String.format(Locale.ROOT, "\"%s\": %.3f", cell.getKey(), cell.getValue()))
                                .collect(Collectors.joining(", "))
                        + "}")
                .collect(Collectors.joining(",\n", "{\n", "\n}\n"));
        Files.writeString(json, body);
    }
}
