// SPDX-License-Identifier: Apache-2.0
package io.httun.testpeers;

import java.util.List;
import java.util.Optional;

/** Header lines as they came, {@code name: value}. */
final class HeaderLines {

    private HeaderLines() {}

    static Optional<String> find(List<String> lines, String name) {
        for (String line : lines) {
            int colon = line.indexOf(':');
            if (colon >= 0 && line.substring(0, colon).strip().equalsIgnoreCase(name)) {
                return Optional.of(line.substring(colon + 1).strip());
            }
        }
        return Optional.empty();
    }

    /** The number that a text starts with, as the stock program reads channel ids and lengths; -1 without one. */
    static int leadingNumber(String text) {
        int end = 0;
        while (end < text.length() && Character.digit(text.charAt(end), 10) >= 0) {
            end++;
        }
        return end == 0 || end > 9 ? -1 : Integer.parseInt(text.substring(0, end));
    }
}
