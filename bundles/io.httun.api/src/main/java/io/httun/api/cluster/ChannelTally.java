// SPDX-License-Identifier: Apache-2.0
package io.httun.api.cluster;

import java.time.LocalDate;

/**
 * The bytes that a channel has carried at one server. Grows only: of two tallies of one server the later is the one with the later date, or
 * with more bytes.
 *
 * @param channel name
 * @param date in the channel's time zone
 * @param day bytes of both directions on that date
 * @param week bytes in its ISO week
 * @param month bytes in its month
 */
public record ChannelTally(String channel, LocalDate date, long day, long week, long month) {}
