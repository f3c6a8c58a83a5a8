// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.config.ConfigException;
import io.httun.toolkit.config.Hours;
import io.httun.toolkit.net.NetworkSet;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * When, from where and for how much a channel serves its user.
 *
 * @param expires the first moment at which it does not; empty for never
 * @param hours empty for always
 */
record ChannelLimits(
        String expiry,
        Optional<Instant> expires,
        NetworkSet sources,
        List<Hours> hours,
        ZoneId zone,
        List<Quota> quotas) {
    static final ChannelLimits NONE = new ChannelLimits(
            "", Optional.empty(), NetworkSet.parse("sources", List.of("any")), List.of(), ZoneId.of("UTC"), List.of());

    static ChannelLimits of(ChannelConfig config) {
        ZoneId zone = zone(config.time_zone());
        return new ChannelLimits(
                config.expires(),
                expires(config.expires(), zone),
                NetworkSet.required("sources", Arrays.asList(config.sources())),
                Arrays.stream(config.hours())
                        .map(text -> Hours.parse("hours", text))
                        .toList(),
                zone,
                Quota.parse("quota", config.quota()));
    }

    private static ZoneId zone(String name) {
        try {
            return name.isEmpty() ? ZoneId.systemDefault() : ZoneId.of(name);
        } catch (DateTimeException e) {
            throw new ConfigException("time.zone", name, "must be a time zone such as Europe/Berlin, or UTC");
        }
    }

    private static Optional<Instant> expires(String text, ZoneId zone) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            LocalDateTime end = text.contains("T")
                    ? LocalDateTime.parse(text)
                    : LocalDate.parse(text).plusDays(1).atStartOfDay();
            return Optional.of(end.atZone(zone).toInstant());
        } catch (DateTimeException e) {
            throw new ConfigException(
                    "expires", text, "must be the last day, such as 2026-12-31, or a time, such as 2026-12-31T18:00");
        }
    }

    /** Why the channel is closed to everybody; empty while it is open. */
    String closed(Instant now) {
        if (expires.isPresent() && !now.isBefore(expires.get())) {
            return "expired";
        }
        LocalDateTime local = LocalDateTime.ofInstant(now, zone);
        return hours.isEmpty() || hours.stream().anyMatch(each -> each.contains(local)) ? "" : "outside its hours";
    }

    LocalDate today(Instant now) {
        return LocalDate.ofInstant(now, zone);
    }

    /** The quota that has been used up. */
    Optional<Quota> spent(UsageCounts used) {
        return quotas.stream().filter(quota -> quota.isSpent(used)).findFirst();
    }
}
