// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.config.ConfigException;
import io.httun.toolkit.config.Quantity;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The most bytes of a channel in a calendar day, week or month, such as {@code 10gb/month}. */
record Quota(String text, long bytes, Period period) {
    /** What bytes are counted by. */
    enum Period {
        DAY,
        WEEK,
        MONTH
    }

    static List<Quota> parse(String property, String... words) {
        return Arrays.stream(words).map(word -> parse(property, word)).toList();
    }

    private static Quota parse(String property, String word) {
        int slash = word.indexOf('/');
        Optional<Period> period = Arrays.stream(Period.values())
                .filter(each ->
                        each.name().equalsIgnoreCase(word.substring(slash + 1).strip()))
                .findFirst();
        if (slash < 0 || period.isEmpty()) {
            throw new ConfigException(property, word, "must be a size and /day, /week or /month, such as 10gb/month");
        }
        long bytes = Quantity.bytes(property, word.substring(0, slash));
        if (bytes < 1) {
            throw new ConfigException(
                    property, word, "must be at least one byte; to close a channel use enabled = false");
        }
        return new Quota(word.strip(), bytes, period.get());
    }

    boolean isSpent(UsageCounts used) {
        return used.in(period) >= bytes;
    }

    /** Such as {@code 10gb/month}. */
    @Override
    public String toString() {
        return text.toLowerCase(Locale.ROOT);
    }
}
