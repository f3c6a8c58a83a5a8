// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.HttunException;
import io.httun.api.cluster.ChannelClosure;
import io.httun.api.status.Problem;
import io.httun.toolkit.config.AtomicFile;
import io.httun.toolkit.status.LogLimiter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.LoggerFactory;

/**
 * What administrators have said of channels, here and at other servers of the cluster: for each channel the last word. It survives the process, so that
 * a server which begins with an old configuration refuses a channel that was closed meanwhile. Thread-safe.
 */
final class ChannelClosures {
    private static final LogLimiter LOG = new LogLimiter(LoggerFactory.getLogger(ChannelClosures.class));

    /** Some 2 MB. Channels that were opened again make room. */
    static final int MAX = 10_000;

    /** {@code VERSION NODE STATE CHANNEL} */
    private static final Pattern LINE =
            Pattern.compile("([0-9]{1,15}) ([0-9]{1,3}) (OPEN|DISABLED|DELETED) ([A-Za-z0-9._-]{1,64})");

    private final Optional<Path> file;
    private final Executor disk;
    private final Map<String, ChannelClosure> closures = new ConcurrentHashMap<>();
    private volatile String problem = "";

    /**
     * @param file where they are kept; empty to forget them with the process
     * @param disk runs what waits for the disk, one after another
     */
    ChannelClosures(Optional<Path> file, Executor disk) {
        this.file = file;
        this.disk = disk;
        file.ifPresent(this::load);
    }

    private void load(Path from) {
        try {
            int number = 0;
            for (String line :
                    Files.readString(from, StandardCharsets.ISO_8859_1).split("\n")) {
                number++;
                Matcher parts = LINE.matcher(line);
                if (parts.matches()) {
                    closures.merge(parts.group(4), read(parts), (one, other) -> one.isAfter(other) ? one : other);
                } else if (!line.isBlank()) {
                    LOG.error(
                            "damaged", "{}: line {} is damaged: a channel that it closes may be served", from, number);
                }
            }
        } catch (NoSuchFileException e) {
            // Nobody has said anything yet.
        } catch (IOException e) {
            problem = from + " cannot be read (" + e + "): channels that were closed in the cluster may be served";
            LOG.error("load", "{}", problem);
        }
    }

    private static ChannelClosure read(Matcher line) {
        return new ChannelClosure(
                line.group(4),
                Long.parseLong(line.group(1)),
                Integer.parseInt(line.group(2)),
                ChannelClosure.State.valueOf(line.group(3)));
    }

    Optional<ChannelClosure> of(String channel) {
        return Optional.ofNullable(closures.get(channel));
    }

    /** Why a channel is closed; empty if it is not. */
    String why(String channel) {
        ChannelClosure closure = closures.get(channel);
        return closure != null && closure.isClosed() ? closure.text() : "";
    }

    List<ChannelClosure> all() {
        return List.copyOf(closures.values());
    }

    /**
     * Takes the word of this server's administrator, after all that is known.
     *
     * @throws HttunException if there are too many
     */
    synchronized void say(String channel, ChannelClosure.State state, int node) {
        ChannelClosure before = closures.get(channel);
        if (before == null && !hasRoom()) {
            throw new HttunException(MAX + " channels are closed in the cluster, and no more can be: open those whose"
                    + " files are nowhere any more with httun:channel-enable");
        }
        closures.put(channel, new ChannelClosure(channel, before == null ? 1 : before.version() + 1, node, state));
        disk.execute(this::write);
    }

    /** Takes what other servers know; what is later holds. */
    synchronized void merge(Collection<ChannelClosure> others) {
        boolean changed = false;
        for (ChannelClosure other : others) {
            ChannelClosure own = closures.get(other.channel());
            if (own == null && !hasRoom()) {
                LOG.error("full", "Channel {} is not closed here, as {} are", other.channel(), MAX);
            } else if (own == null || other.isAfter(own)) {
                closures.put(other.channel(), other);
                changed = true;
            }
        }
        if (changed) {
            disk.execute(this::write);
        }
    }

    /** Forgets one that is open, if it must: a server that has missed its opening closes the channel again, which is the safe side. */
    private boolean hasRoom() {
        return closures.size() < MAX || closures.values().removeIf(each -> !each.isClosed());
    }

    private void write() {
        if (file.isEmpty()) {
            return;
        }
        StringBuilder text = new StringBuilder();
        closures.values().stream()
                .sorted((one, other) -> one.channel().compareTo(other.channel()))
                .forEach(each -> text.append(each.version())
                        .append(' ')
                        .append(each.node())
                        .append(' ')
                        .append(each.state())
                        .append(' ')
                        .append(each.channel())
                        .append('\n'));
        try {
            Files.createDirectories(file.get().getParent());
            AtomicFile.replace(file.get(), text.toString());
            problem = "";
        } catch (IOException e) {
            problem = file.get() + " cannot be written (" + e + "): a restart forgets which channels are closed";
            LOG.error("write", "{}", problem);
        }
    }

    /** @param channels that are configured here */
    List<Problem> problems(Collection<ServerChannel> channels, int node) {
        List<Problem> problems = new ArrayList<>();
        if (!problem.isEmpty()) {
            problems.add(new Problem("cluster", problem, "make room on the disk, or correct the folder's permissions"));
        }
        channels.forEach(channel -> of(channel.name())
                .flatMap(closure -> problem(closure, channel.settings().enabled(), node))
                .ifPresent(problems::add));
        return problems;
    }

    /** Where this server's own configuration says otherwise. */
    private static Optional<Problem> problem(ChannelClosure closure, boolean enabled, int node) {
        if (closure.isClosed() != enabled || !enabled && closure.node() == node) {
            return Optional.empty();
        }
        String name = closure.channel();
        String delete = closure.state() == ChannelClosure.State.DELETED ? "delete" : "disable";
        return Optional.of(new Problem(
                "channel " + name,
                enabled
                        ? "refused, as it was " + closure.text() + " for the whole cluster"
                        : "disabled by its configuration here, though it was " + closure.text(),
                enabled
                        ? "httun:channel-enable " + name + " at any server opens it, httun:channel-" + delete + " "
                                + name + " here makes this server's files say the same"
                        : "httun:channel-enable " + name + " here, or httun:channel-disable " + name
                                + " for the whole cluster"));
    }
}
