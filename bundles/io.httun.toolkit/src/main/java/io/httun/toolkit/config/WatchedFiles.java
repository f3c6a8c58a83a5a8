// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.config;

import io.httun.api.HttunException;
import io.httun.api.status.Problem;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Content that is read from one or several files, and read again when one of them changes: in modification time, size or inode,
 * found by polling. A file that changes from one look to the next is being written, and read when it rests: half of a block list would be a
 * right one. Content that cannot be read, or that its user refuses, leaves the last good content in use; the reason is the
 * {@link #problem()} until it is fixed.
 *
 * <p>The files are those that the reader reads through {@link ConfiguredFile} and {@link SecretFile}, or names by {@link #note}. So
 * a file that the content names, such as a block list in a rules file, is watched as well.
 *
 * <p>Thread-safe. Reads and uses never overlap. The watch ends with {@link #close()}, or when nothing refers to this object.
 */
public final class WatchedFiles<T> implements AutoCloseable {
    /** How often files are looked at unless told otherwise. */
    public static final Duration INTERVAL = Duration.ofSeconds(2);

    private static final Logger LOG = LoggerFactory.getLogger(WatchedFiles.class);
    /** How long a changed file must rest before it is read. */
    private static final Duration REST = Duration.ofMillis(500);

    private static final long IDLE_SECONDS = 30;
    private static final ThreadLocal<Map<Path, FileStamp>> READING = new ThreadLocal<>();
    private static final ScheduledThreadPoolExecutor POLLS = polls();
    /** In the whole process, for its health; a user that has gone need not have closed its own. */
    private static final Set<WatchedFiles<?>> WATCHES =
            Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    private final Supplier<String> user;
    private final Supplier<T> reader;
    private Consumer<T> use = content -> {};
    private Map<Path, FileStamp> stamps = Map.of();
    /** What was seen last of files that have changed. */
    private Map<Path, FileStamp> changing = Map.of();

    private long changedAt;
    private volatile T content;
    private volatile String problem = "";
    private Future<?> polls;

    /**
     * @param user whose files these are, for the log, such as {@code filter web}
     * @param reader reads the files; throws an {@link HttunException} that says what is wrong with them
     */
    public WatchedFiles(Supplier<String> user, Supplier<T> reader) {
        this.user = user;
        this.reader = reader;
    }

    /** The thread ends some time after the last watch. */
    private static ScheduledThreadPoolExecutor polls() {
        ScheduledThreadPoolExecutor threads =
                new ScheduledThreadPoolExecutor(1, new DefaultThreadFactory("httun-files", true));
        threads.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        threads.allowCoreThreadTimeOut(true);
        threads.setRemoveOnCancelPolicy(true);
        return threads;
    }

    /** To be called by a reader before it reads this file. */
    public static void note(Path file) {
        Map<Path, FileStamp> reading = READING.get();
        if (reading != null) {
            reading.computeIfAbsent(file.toAbsolutePath(), FileStamp::of);
        }
    }

    /**
     * Reads the files, changed or not.
     *
     * @throws HttunException if they are wrong; the content is as before then
     */
    public synchronized void load() {
        Map<Path, FileStamp> seen = new LinkedHashMap<>();
        Map<Path, FileStamp> outer = READING.get();
        READING.set(seen);
        try {
            T next = reader.get();
            if (!next.equals(content)) {
                replace(next);
            }
            problem = "";
        } catch (HttunException e) {
            problem = String.valueOf(e.getMessage());
            throw e;
        } finally {
            stamps = seen;
            if (outer == null) {
                READING.remove();
            } else {
                READING.set(outer);
            }
        }
    }

    /** The user may ask for the content meanwhile, and gets the new one. */
    private void replace(T next) {
        T old = content;
        content = next;
        boolean used = false;
        try {
            use.accept(next);
            used = true;
        } finally {
            if (!used) {
                content = old;
            }
        }
    }

    /** As {@link #load}, but what is wrong only goes to the log and becomes the {@link #problem()}. */
    public synchronized void tryLoad() {
        String before = problem;
        try {
            load();
        } catch (HttunException e) {
            if (!problem.equals(before)) {
                LOG.error(
                        "{}; {} {}",
                        e.getMessage(),
                        user.get(),
                        content == null ? "waits until that is fixed" : "keeps its configuration");
            }
        }
    }

    private synchronized void look(Runnable again) {
        if (!WATCHES.contains(this)) {
            return;
        }
        Map<Path, FileStamp> now = new LinkedHashMap<>();
        stamps.keySet().forEach(file -> now.put(file, FileStamp.of(file)));
        if (now.equals(stamps)) {
            return;
        } else if (!now.equals(changing)) {
            changing = now;
            changedAt = System.nanoTime();
            POLLS.schedule(again, REST.toMillis(), TimeUnit.MILLISECONDS);
        } else if (System.nanoTime() - changedAt >= REST.toNanos()) {
            refresh();
        }
    }

    /** Reads the files at once if one of them has changed. */
    public synchronized void refresh() {
        String changed = String.join(
                ", ",
                stamps.entrySet().stream()
                        .filter(entry -> !FileStamp.of(entry.getKey()).equals(entry.getValue()))
                        .map(entry -> entry.getKey().toString())
                        .toList());
        if (!changed.isEmpty()) {
            T old = content;
            tryLoad();
            if (content != old) {
                LOG.info("{}: uses the changed content of {}", user.get(), changed);
            }
        }
    }

    /** Watches the files. */
    public void start(Consumer<T> changed) {
        start(INTERVAL, changed);
    }

    /**
     * Watches the files.
     *
     * @param changed gets new content before it becomes current for good, on the thread that found it, and may wait; it refuses with
     *     an {@link HttunException}
     */
    public synchronized void start(Duration interval, Consumer<T> changed) {
        use = changed;
        WATCHES.add(this);
        stopPolls();
        Poll poll = new Poll(new WeakReference<>(this));
        polls = POLLS.scheduleWithFixedDelay(poll, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void stopPolls() {
        if (polls != null) {
            polls.cancel(false);
        }
    }

    /** Null while there was none without an error. */
    public T content() {
        return content;
    }

    /** Why the files as they are now are not in use; empty when they are. */
    public String problem() {
        return problem;
    }

    /** The {@link #problem()} for the health of the part. */
    public List<Problem> problems() {
        String now = problem;
        return now.isEmpty()
                ? List.of()
                : List.of(new Problem(
                        user.get(),
                        now,
                        "correct the file or the configuration; until then "
                                + (content == null
                                        ? "there is none in use"
                                        : "the last one without an error stays in use")));
    }

    /** Those of every watch in this process. */
    static List<Problem> allProblems() {
        List<WatchedFiles<?>> all;
        synchronized (WATCHES) {
            all = List.copyOf(WATCHES);
        }
        return all.stream().flatMap(each -> each.problems().stream()).toList();
    }

    @Override
    public synchronized void close() {
        WATCHES.remove(this);
        stopPolls();
    }

    private record Poll(WeakReference<WatchedFiles<?>> watched) implements Runnable {
        @Override
        public void run() {
            WatchedFiles<?> files = watched.get();
            if (files == null) {
                // An exception ends the polls of a user that has gone.
                throw new IllegalStateException("these watched files are closed");
            }
            try {
                files.look(this);
            } catch (RuntimeException e) {
                LOG.error("{}: its files cannot be checked", files.user.get(), e);
            }
        }
    }
}
