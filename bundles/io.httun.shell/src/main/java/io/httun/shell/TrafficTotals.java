// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.status.ChannelStatus;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/** Sums over the channels of one side; a Karaf with both sides counts the same traffic on each. */
record TrafficTotals(
        String side,
        int channels,
        long sessions,
        long connections,
        long requests,
        long framesIn,
        long framesOut,
        long bytesIn,
        long bytesOut,
        long refused) {

    static List<TrafficTotals> bySide(List<ChannelStatus> channels) {
        return channels.stream()
                .collect(Collectors.groupingBy(ChannelStatus::side, TreeMap::new, Collectors.toList()))
                .entrySet()
                .stream()
                .map(side -> of(side.getKey(), side.getValue()))
                .toList();
    }

    private static TrafficTotals of(String side, List<ChannelStatus> channels) {
        Function<ToLongFunction<ChannelStatus>, Long> sum =
                counter -> channels.stream().mapToLong(counter).sum();
        return new TrafficTotals(
                side,
                channels.size(),
                sum.apply(ChannelStatus::sessions),
                sum.apply(ChannelStatus::connections),
                sum.apply(ChannelStatus::requests),
                sum.apply(ChannelStatus::framesIn),
                sum.apply(ChannelStatus::framesOut),
                sum.apply(ChannelStatus::bytesIn),
                sum.apply(ChannelStatus::bytesOut),
                sum.apply(ChannelStatus::refused));
    }
}
