// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.config;

import io.httun.api.HttunException;
import io.httun.api.config.ConfigException;
import io.httun.api.status.Problem;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The settings of a component: those of the last configuration that was right. A wrong one is refused with one line in the log,
 * and is the {@link #problem()} until it is corrected. Files that the configuration names are {@link WatchedFiles}: changed
 * content is like a changed configuration. Thread-safe.
 */
public final class LiveSettings<S> implements AutoCloseable {
    private final WatchedFiles<S> files;
    private volatile Map<String, ?> properties;

    /**
     * @param user whose settings these are, for the log, such as {@code connector home}
     * @param reader converts a configuration; throws a {@link ConfigException} that names what is wrong
     * @throws ConfigException if the first configuration is wrong
     */
    public LiveSettings(
            Function<? super S, String> user, Function<Map<String, ?>, S> reader, Map<String, ?> properties) {
        this.properties = properties;
        this.files = new WatchedFiles<>(() -> user.apply(get()), () -> reader.apply(this.properties));
        files.load();
    }

    /** For settings without an action of their own. */
    public LiveSettings<S> start() {
        return start(settings -> {});
    }

    /**
     * Watches the files that the configuration names.
     *
     * @param changed puts changed settings, which {@link #get()} gives already, to use; refuses them with an {@link
     *     HttunException}, and then must have left everything as it was. Never called by two threads at once, or for equal settings.
     *     A lock that it takes must not be held by callers of {@link #update}
     */
    public LiveSettings<S> start(Consumer<S> changed) {
        files.start(changed);
        return this;
    }

    public S get() {
        return files.content();
    }

    /** Takes another configuration, unless it is wrong. */
    public void update(Map<String, ?> next) {
        properties = next;
        files.tryLoad();
    }

    /** Reads the files again if they have changed. */
    public void refresh() {
        files.refresh();
    }

    /** Why the last configuration, with its files as they are now, is not in use; empty when it is. */
    public String problem() {
        return files.problem();
    }

    /** The {@link #problem()} for the health of the part. */
    public List<Problem> problems() {
        return files.problems();
    }

    /** Ends the watch. */
    @Override
    public void close() {
        files.close();
    }
}
