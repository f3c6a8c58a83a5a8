// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.temporal.IsoFields;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/** The bytes of a channel in the day, the ISO week and the month of a date. */
record UsageCounts(LocalDate date, long day, long week, long month) {
    static final UsageCounts NONE = new UsageCounts(LocalDate.EPOCH, 0, 0, 0);

    /** The first word is the version of the line. */
    private static final Pattern LINE =
            Pattern.compile("(1 (\\d{4}-\\d\\d-\\d\\d) (\\d{1,18}) (\\d{1,18}) (\\d{1,18})) ([0-9a-f]{8})");

    /**
     * With more bytes. A date before the last one begins no period: a clock that was set back, as on a machine without a real-time clock, must not
     * open a channel again.
     */
    UsageCounts plus(long bytes, LocalDate today) {
        UsageCounts base = on(today);
        return new UsageCounts(base.date, add(base.day, bytes), add(base.week, bytes), add(base.month, bytes));
    }

    /** The counts on a day: periods that have ended begin again at 0. */
    UsageCounts on(LocalDate today) {
        if (!today.isAfter(date)) {
            return this;
        }
        return new UsageCounts(
                today,
                0,
                weekOf(today) == weekOf(date) ? week : 0,
                YearMonth.from(today).equals(YearMonth.from(date)) ? month : 0);
    }

    /** With the bytes of another server on the same day, whose date is left out. */
    UsageCounts and(UsageCounts other) {
        return new UsageCounts(date, add(day, other.day), add(week, other.week), add(month, other.month));
    }

    long in(Quota.Period period) {
        return switch (period) {
            case DAY -> day;
            case WEEK -> week;
            case MONTH -> month;
        };
    }

    private static int weekOf(LocalDate date) {
        return date.get(IsoFields.WEEK_BASED_YEAR) * 100 + date.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR);
    }

    private static long add(long count, long bytes) {
        long sum = count + bytes;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }

    /** One line of the journal, without its end: version, date, three counts, and a CRC-32 of these. */
    String line() {
        String text = "1 " + date + ' ' + capped(day) + ' ' + capped(week) + ' ' + capped(month);
        return text + ' ' + crc(text);
    }

    private static long capped(long count) {
        return Math.min(count, 999_999_999_999_999_999L);
    }

    /** Empty if the line is damaged, or of another version. */
    static Optional<UsageCounts> parse(String line) {
        Matcher matcher = LINE.matcher(line);
        if (!matcher.matches() || !crc(matcher.group(1)).equals(matcher.group(6))) {
            return Optional.empty();
        }
        try {
            return Optional.of(new UsageCounts(
                    LocalDate.parse(matcher.group(2)),
                    Long.parseLong(matcher.group(3)),
                    Long.parseLong(matcher.group(4)),
                    Long.parseLong(matcher.group(5))));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static String crc(String text) {
        CRC32 crc = new CRC32();
        crc.update(text.getBytes(StandardCharsets.US_ASCII));
        return String.format("%08x", crc.getValue());
    }
}
