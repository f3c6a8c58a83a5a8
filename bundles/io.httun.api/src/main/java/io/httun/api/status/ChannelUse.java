// SPDX-License-Identifier: Apache-2.0
package io.httun.api.status;

/**
 * What a channel of the server has carried, and what it may carry. Bytes are of tunnelled payload in both directions together; they
 * survive the process.
 *
 * @param channel name of the channel
 * @param usedToday bytes since midnight, in the channel's time zone
 * @param usedThisWeek bytes since Monday
 * @param usedThisMonth bytes since the first of the month
 * @param quota as configured, such as {@code 10gb/month}; empty for none
 * @param expires as configured; empty for never
 * @param rotation when the old secret is dropped at the latest (ISO 8601); empty while there is one secret
 */
public record ChannelUse(
        String channel,
        long usedToday,
        long usedThisWeek,
        long usedThisMonth,
        String quota,
        String expires,
        String rotation) {}
