// SPDX-License-Identifier: Apache-2.0
package io.httun.web;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The rows that a browser shows.
 *
 * @param columns names of the columns
 * @param total rows that there are
 * @param matched rows that the filter lets through
 * @param offset of the first row here among those
 * @param rows a value for each column
 */
record TableWindow(List<String> columns, int total, int matched, int offset, List<List<Object>> rows) {
    /** A screen of 8,000 pixels, and what is above and below it. */
    static final int MAX_ROWS = 300;

    static TableWindow of(Table<?> table, Sample sample, TableQuery query) {
        List<List<Object>> all = table.rows(sample);
        List<List<Object>> matched =
                all.stream().filter(row -> matches(row, query.words())).toList();
        Stream<List<Object>> sorted = matched.stream();
        if (query.sortColumn() >= 0) {
            Comparator<List<Object>> order =
                    Comparator.comparing(row -> row.get(query.sortColumn()), TableWindow::compare);
            sorted = sorted.sorted(query.descending() ? order.reversed() : order);
        }
        int offset = Math.max(0, Math.min(query.offset(), matched.size() - query.limit()));
        return new TableWindow(
                table.columns(),
                all.size(),
                matched.size(),
                offset,
                sorted.skip(offset).limit(query.limit()).toList());
    }

    private static boolean matches(List<Object> row, List<String> words) {
        return words.stream().allMatch(word -> row.stream()
                .anyMatch(
                        value -> String.valueOf(value).toLowerCase(Locale.ROOT).contains(word)));
    }

    private static int compare(Object one, Object other) {
        return one instanceof Number number && other instanceof Number second
                ? Long.compare(number.longValue(), second.longValue())
                : String.CASE_INSENSITIVE_ORDER.compare(String.valueOf(one), String.valueOf(other));
    }
}
