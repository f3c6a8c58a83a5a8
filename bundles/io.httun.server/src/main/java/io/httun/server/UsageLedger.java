// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.cluster.ChannelTally;
import io.httun.api.status.Problem;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the usage of all channels, and writes it to disk: on a thread of its own, since event loops must not wait for disks. */
final class UsageLedger implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(UsageLedger.class);
    /** A killed process forgets at most a second: half of it until this, the rest for the tick before and a slow disk. */
    private static final long WRITE_MILLIS = 500;

    private static final long END_SECONDS = 5;

    private final Optional<Path> folder;
    private final Map<String, ChannelUsage> byName = new ConcurrentHashMap<>();
    private final ScheduledThreadPoolExecutor thread =
            new ScheduledThreadPoolExecutor(1, new DefaultThreadFactory("httun-usage", true));

    /** @param folder of the journals; empty to forget them with the process */
    UsageLedger(Optional<Path> folder) {
        this.folder = folder;
    }

    /** In Karaf's data folder, but not in a cache, which may be deleted at any time. */
    static Optional<Path> folder() {
        return Optional.ofNullable(System.getProperty("karaf.data"))
                .map(data -> Path.of(data).resolve("httun").resolve("usage"));
    }

    UsageLedger start() {
        thread.scheduleWithFixedDelay(this::write, WRITE_MILLIS, WRITE_MILLIS, TimeUnit.MILLISECONDS);
        return this;
    }

    /** @param channel name that has been checked: it becomes that of a file */
    ChannelUsage of(String channel) {
        return byName.computeIfAbsent(
                channel,
                name -> new ChannelUsage(name, folder.map(each -> new UsageJournal(each.resolve(name + ".usage")))));
    }

    /** Runs other work that waits for the disk. */
    void run(Runnable work) {
        thread.execute(work);
    }

    List<Problem> problems() {
        return byName.values().stream()
                .flatMap(usage -> usage.problem().stream())
                .toList();
    }

    /** What each channel has carried here. */
    List<ChannelTally> tallies() {
        return byName.values().stream().map(ChannelUsage::tally).toList();
    }

    /** What channels have carried at other servers; those of channels that are not here are kept for nobody. */
    void countOthers(Collection<ChannelTally> others) {
        Map<String, List<ChannelTally>> byChannel =
                others.stream().collect(Collectors.groupingBy(ChannelTally::channel));
        byName.forEach((name, usage) -> usage.countOthers(byChannel.getOrDefault(name, List.of())));
    }

    private void write() {
        try {
            byName.values().forEach(ChannelUsage::write);
        } catch (RuntimeException e) {
            LOG.error("The usage of channels cannot be written", e);
        }
    }

    @Override
    public void close() {
        thread.execute(this::write);
        thread.shutdown();
        try {
            if (!thread.awaitTermination(END_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("The usage of channels is still being written after {} s", END_SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
