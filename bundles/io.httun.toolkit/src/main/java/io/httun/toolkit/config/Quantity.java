// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.config;

import io.httun.api.config.ConfigException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads durations, sizes and rates as people write them: {@code 10s}, {@code 1h 30m}, {@code 100mb}, {@code 1.5 GiB},
 * {@code 1000 B/min}. Letters may be of either case; {@code kb}, {@code mb}, {@code gb} are powers of 1000, {@code kib},
 * {@code mib}, {@code gib} of 1024. {@code none} is 0, which stands for "no limit" wherever these are used.
 */
public final class Quantity {
    private static final String NONE = "none";
    private static final int MAX_LENGTH = 40;
    private static final Pattern PART = Pattern.compile("\\G\\s*([0-9]{1,12}(?:\\.[0-9]{1,6})?)\\s*([a-z]+)\\s*");
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,15}(?:\\.[0-9]{1,6})?)\\s*([a-z]*)");
    private static final Map<String, Long> MILLIS = Map.ofEntries(
            Map.entry("ms", 1L),
            Map.entry("s", 1_000L),
            Map.entry("sec", 1_000L),
            Map.entry("m", 60_000L),
            Map.entry("min", 60_000L),
            Map.entry("h", 3_600_000L),
            Map.entry("d", 86_400_000L));
    private static final Map<String, Long> BYTES = Map.of(
            "",
            1L,
            "b",
            1L,
            "kb",
            1_000L,
            "mb",
            1_000_000L,
            "gb",
            1_000_000_000L,
            "kib",
            1L << 10,
            "mib",
            1L << 20,
            "gib",
            1L << 30);
    private static final BigDecimal MILLIS_PER_MINUTE = BigDecimal.valueOf(60_000);
    private static final BigDecimal MOST = BigDecimal.valueOf(Long.MAX_VALUE >> 4);
    private static final BigDecimal LONGEST =
            BigDecimal.valueOf(Duration.ofDays(3_650).toMillis());

    private Quantity() {}

    /**
     * A duration such as {@code 500ms}, {@code 10s}, {@code 1h 30m} or {@code 2d}, to the millisecond.
     *
     * @throws ConfigException naming {@code property}, with what would be right
     */
    public static Duration duration(String property, String text) {
        String plain = plain(text);
        if (plain.equals(NONE) || plain.equals("0")) {
            return Duration.ZERO;
        }
        Matcher part = PART.matcher(plain);
        BigDecimal millis = BigDecimal.ZERO;
        int end = 0;
        while (plain.length() <= MAX_LENGTH && part.find()) {
            Long unit = MILLIS.get(part.group(2));
            if (unit == null) {
                break;
            }
            millis = millis.add(new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(unit)));
            end = part.end();
        }
        if (end == 0 || end < plain.length() || millis.compareTo(LONGEST) > 0) {
            throw new ConfigException(
                    property, text, "must be a duration such as 500ms, 10s, 5m, 1h 30m or 2d, or none");
        }
        return Duration.ofMillis(millis.setScale(0, RoundingMode.CEILING).longValueExact());
    }

    /**
     * A size in bytes, such as {@code 512}, {@code 64KiB} or {@code 100mb}.
     *
     * @throws ConfigException naming {@code property}, with what would be right
     */
    public static long bytes(String property, String text) {
        String plain = plain(text);
        if (plain.equals(NONE)) {
            return 0;
        }
        BigDecimal bytes = size(plain);
        if (bytes == null) {
            throw new ConfigException(property, text, "must be a size such as 512, 64KiB, 100mb or 1.5gb, or none");
        }
        return rounded(bytes);
    }

    /**
     * A rate such as {@code 1000 B/min}, {@code 10mb/s} or {@code 1GiB/h}.
     *
     * @return bytes per minute, at least 1 unless {@code none}
     * @throws ConfigException naming {@code property}, with what would be right
     */
    public static long bytesPerMinute(String property, String text) {
        String plain = plain(text);
        if (plain.equals(NONE) || plain.equals("0")) {
            return 0;
        }
        int slash = plain.indexOf('/');
        BigDecimal bytes = slash < 0 ? null : size(plain.substring(0, slash).strip());
        Long per = slash < 0 ? null : MILLIS.get(plain.substring(slash + 1).strip());
        if (bytes == null || per == null) {
            throw new ConfigException(property, text, "must be a rate such as 1000 B/min, 10mb/s or 1GiB/h, or none");
        }
        return rounded(bytes.multiply(MILLIS_PER_MINUTE).divide(BigDecimal.valueOf(per), 6, RoundingMode.CEILING));
    }

    private static BigDecimal size(String plain) {
        Matcher matcher = SIZE.matcher(plain);
        Long unit = matcher.matches() ? BYTES.get(matcher.group(2)) : null;
        if (unit == null) {
            return null;
        }
        BigDecimal bytes = new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(unit));
        return bytes.compareTo(MOST) > 0 ? null : bytes;
    }

    private static long rounded(BigDecimal bytes) {
        return bytes.setScale(0, RoundingMode.CEILING).min(MOST).longValueExact();
    }

    private static String plain(String text) {
        return text.strip().toLowerCase(Locale.ROOT);
    }
}
