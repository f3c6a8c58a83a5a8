// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.config;

import io.httun.api.config.ConfigException;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A part of the week, such as {@code mon-fri@08:00-18:00}.
 *
 * @param from belongs to it
 * @param to does not; not after {@code from} means on the next day
 */
public record Hours(Set<DayOfWeek> days, LocalTime from, LocalTime to) {
    private static final Pattern SYNTAX = Pattern.compile(
            "(?:([a-z]{3})(?:-([a-z]{3}))?@)?([0-9]{2}:[0-9]{2})-([0-9]{2}:[0-9]{2})", Pattern.CASE_INSENSITIVE);
    private static final List<String> NAMES = List.of("mon", "tue", "wed", "thu", "fri", "sat", "sun");
    private static final String END_OF_DAY = "24:00";

    /** @throws ConfigException naming the property, with what would be right */
    public static Hours parse(String property, String text) {
        Matcher hours = SYNTAX.matcher(text);
        if (!hours.matches()) {
            throw new ConfigException(property, text, "must be like mon-fri@08:00-18:00 or 22:00-06:00");
        }
        try {
            String end = hours.group(4);
            return new Hours(
                    days(hours.group(1), hours.group(2)),
                    LocalTime.parse(hours.group(3)),
                    end.equals(END_OF_DAY) ? LocalTime.MIDNIGHT : LocalTime.parse(end));
        } catch (DateTimeException e) {
            throw new ConfigException(property, text, "must be hours from 00:00 to 23:59");
        }
    }

    private static Set<DayOfWeek> days(String first, String last) {
        if (first == null) {
            return EnumSet.allOf(DayOfWeek.class);
        }
        int day = day(first);
        int end = last == null ? day : day(last);
        Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
        for (int i = 0; i < NAMES.size(); i++) {
            days.add(DayOfWeek.of((day + i) % NAMES.size() + 1));
            if ((day + i) % NAMES.size() == end) {
                break;
            }
        }
        return days;
    }

    private static int day(String name) {
        int day = NAMES.indexOf(name.toLowerCase(Locale.ROOT));
        if (day < 0) {
            throw new ConfigException("'" + name + "' is not a day; days are " + String.join(", ", NAMES));
        }
        return day;
    }

    /** Hours that pass midnight belong to the day on which they began. */
    public boolean contains(LocalDateTime moment) {
        LocalTime time = moment.toLocalTime();
        boolean late = !time.isBefore(from);
        boolean early = time.isBefore(to);
        DayOfWeek today = moment.getDayOfWeek();
        if (from.isBefore(to)) {
            return late && early && days.contains(today);
        }
        return late && days.contains(today) || early && days.contains(today.minus(1));
    }
}
