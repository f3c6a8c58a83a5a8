// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.cluster.ChannelTally;
import io.httun.api.status.Problem;
import java.io.IOException;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The bytes that a channel has carried, here and at other servers of the cluster. Found by the channel's name, it outlives the channel. Thread-safe. */
final class ChannelUsage {
    private static final Logger LOG = LoggerFactory.getLogger(ChannelUsage.class);

    private final String channel;
    private final Optional<UsageJournal> journal;
    private volatile UsageCounts counts;
    private volatile List<UsageCounts> others = List.of();
    private volatile String problem = "";
    private UsageCounts written;

    ChannelUsage(String channel, Optional<UsageJournal> journal) {
        this.channel = channel;
        this.journal = journal;
        counts = journal.map(UsageJournal::load).orElse(UsageCounts.NONE);
        written = counts;
    }

    synchronized void add(long bytes, LocalDate today) {
        if (bytes > 0) {
            counts = counts.plus(bytes, today);
        }
    }

    /** At all servers together. */
    UsageCounts on(LocalDate today) {
        UsageCounts sum = counts.on(today);
        for (UsageCounts other : others) {
            sum = sum.and(other.on(today));
        }
        return sum;
    }

    /** At this server. */
    ChannelTally tally() {
        UsageCounts now = counts;
        return new ChannelTally(channel, now.date(), now.day(), now.week(), now.month());
    }

    void countOthers(List<ChannelTally> tallies) {
        others = tallies.stream()
                .map(each -> new UsageCounts(each.date(), each.day(), each.week(), each.month()))
                .toList();
    }

    /** Writes changed counts to disk. Called by one thread. */
    void write() {
        UsageCounts now = counts;
        if (journal.isEmpty() || now.equals(written)) {
            return;
        }
        try {
            journal.get().append(now);
            written = now;
            problem = "";
        } catch (IOException e) {
            String what = journal.get().file() + " cannot be written (" + e + ")";
            if (problem.isEmpty()) {
                LOG.error("Channel {}: {}: a restart forgets the usage since then", channel, what);
            }
            problem = what;
        }
    }

    Optional<Problem> problem() {
        String what = problem;
        return what.isEmpty()
                ? Optional.empty()
                : Optional.of(new Problem(
                        "channel " + channel,
                        what,
                        "make room on the disk, or correct the folder's permissions; until then a restart forgets what"
                                + " the channel has carried since"));
    }
}
