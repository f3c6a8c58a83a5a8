// SPDX-License-Identifier: Apache-2.0
package io.httun.web;

import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import javax.servlet.http.HttpServletResponse;

/**
 * Which rows of a table a browser wants.
 *
 * @param words all of which a row must have, in lower case
 * @param sortColumn index of a column; -1 for the order of the model
 * @param descending the greatest first
 * @param offset of the first row
 * @param limit of rows
 */
record TableQuery(List<String> words, int sortColumn, boolean descending, int offset, int limit) {
    private static final int MAX_FILTER = 200;

    /** @param parameter the value of a parameter of the request; null where there is none */
    static TableQuery of(Table<?> table, UnaryOperator<String> parameter) {
        String filter = text(parameter.apply("filter"));
        if (filter.length() > MAX_FILTER) {
            throw new PageError(
                    HttpServletResponse.SC_BAD_REQUEST, "filter must not be longer than " + MAX_FILTER + " letters");
        }
        String sort = text(parameter.apply("sort"));
        int column = table.columns().indexOf(sort);
        if (column < 0 && !sort.isEmpty()) {
            throw new PageError(HttpServletResponse.SC_BAD_REQUEST, "sort must name a column");
        }
        return new TableQuery(
                Stream.of(filter.toLowerCase(Locale.ROOT).split("\\s+"))
                        .filter(word -> !word.isEmpty())
                        .toList(),
                column,
                "true".equals(parameter.apply("descending")),
                (int) number("offset", parameter.apply("offset"), 0, Integer.MAX_VALUE),
                (int) number("limit", parameter.apply("limit"), 1, TableWindow.MAX_ROWS));
    }

    private static String text(String value) {
        return value == null ? "" : value;
    }

    /** @return {@code low} where there is none */
    static long number(String name, String value, long low, long high) {
        if (value == null) {
            return low;
        }
        try {
            long number = Long.parseLong(value);
            if (number >= low && number <= high) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new PageError(HttpServletResponse.SC_BAD_REQUEST, name + " must be a number from " + low + " to " + high);
    }
}
