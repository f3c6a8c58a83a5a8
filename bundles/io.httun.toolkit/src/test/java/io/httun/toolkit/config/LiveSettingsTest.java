// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.httun.api.HttunException;
import io.httun.api.config.ConfigException;
import io.httun.toolkit.jdk.DaemonClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveSettingsTest {
    @TempDir
    Path folder;

    private record Settings(String name, String content) {}

    private final List<Settings> changes = new CopyOnWriteArrayList<>();

    private static Settings read(Map<String, ?> properties) {
        String file = (String) properties.get("file");
        String content =
                file == null ? "" : SecretFile.readLines("secret.file", file).get(0);
        if (content.equals("wrong")) {
            throw new ConfigException("secret.file", file, "must not be wrong");
        }
        return new Settings((String) properties.get("name"), content);
    }

    private LiveSettings<Settings> live(Map<String, ?> properties) {
        return new LiveSettings<>(Settings::name, LiveSettingsTest::read, properties).start(changes::add);
    }

    private Path file(String content) throws IOException {
        return Files.writeString(folder.resolve("secret"), content);
    }

    @Test
    void aWrongUpdateIsRefusedAndIsTheProblemUntilItIsCorrected() throws IOException {
        LiveSettings<Settings> live = live(Map.of("name", "a"));
        live.update(Map.of("name", "b", "file", file("wrong").toString()));
        assertThat(live.get()).isEqualTo(new Settings("a", ""));
        assertThat(live.problem()).contains("must not be wrong");
        live.update(Map.of("name", "b"));
        assertThat(live.get()).isEqualTo(new Settings("b", ""));
        assertThat(live.problem()).isEmpty();
        assertThat(changes).containsExactly(new Settings("b", ""));
    }

    @Test
    void anUnchangedUpdateChangesNothing() {
        LiveSettings<Settings> live = live(Map.of("name", "a"));
        live.update(Map.of("name", "a"));
        assertThat(changes).isEmpty();
    }

    @Test
    void aChangedFileTakesEffectByItself() throws IOException {
        LiveSettings<Settings> live =
                live(Map.of("name", "a", "file", file("one").toString()));
        file("second");
        await().until(() -> live.get().content().equals("second"));
        assertThat(changes).containsExactly(new Settings("a", "second"));
    }

    @Test
    void aFileThatIsWrongOrGoneKeepsTheSettingsAndIsTheProblemUntilItIsBack() throws IOException {
        Path file = file("one");
        LiveSettings<Settings> live = live(Map.of("name", "a", "file", file.toString()));
        file("wrong");
        live.refresh();
        assertThat(live.problem()).contains("must not be wrong");
        Files.delete(file);
        live.refresh();
        assertThat(live.problem()).contains("cannot be read (NoSuchFileException)");
        assertThat(live.get().content()).isEqualTo("one");
        file("one");
        live.refresh();
        assertThat(live.problem()).isEmpty();
        assertThat(changes).isEmpty();
    }

    @Test
    void aMissingFileOfARefusedUpdateIsWaitedFor() throws IOException {
        LiveSettings<Settings> live = live(Map.of("name", "a"));
        live.update(Map.of("name", "b", "file", folder.resolve("secret").toString()));
        assertThat(live.problem()).contains("cannot be read");
        file("there");
        live.refresh();
        assertThat(live.get()).isEqualTo(new Settings("b", "there"));
        assertThat(live.problem()).isEmpty();
    }

    @Test
    void aFileOfTheSameSizeAndTimeThatWasMovedIntoPlaceIsSeen() throws IOException {
        Path file = file("one");
        LiveSettings<Settings> live = live(Map.of("name", "a", "file", file.toString()));
        Path other = Files.writeString(folder.resolve("other"), "two");
        Files.setLastModifiedTime(other, Files.getLastModifiedTime(file));
        Files.move(other, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        live.refresh();
        assertThat(live.get().content()).isEqualTo("two");
    }

    @Test
    void settingsThatCannotBePutToUseAreRefused() {
        List<String> used = new ArrayList<>();
        LiveSettings<Settings> live = new LiveSettings<>(Settings::name, LiveSettingsTest::read, Map.of("name", "a"));
        live.start(next -> {
            if (next.name().equals("taken")) {
                throw new HttunException("the port is taken");
            }
            used.add(next.name());
        });
        live.update(Map.of("name", "taken"));
        assertThat(live.get().name()).isEqualTo("a");
        assertThat(live.problem()).isEqualTo("the port is taken");
        live.update(Map.of("name", "free"));
        assertThat(used).containsExactly("free");
    }

    @Test
    void theFirstConfigurationMustBeRight() throws IOException {
        Map<String, ?> wrong = Map.of("name", "a", "file", file("wrong").toString());
        assertThatThrownBy(() -> live(wrong)).isInstanceOf(ConfigException.class);
    }

    @Test
    void aFileThatIsBeingWrittenIsReadWhenItIsWhole() throws IOException {
        Path file = file("0\n");
        List<Integer> read = new CopyOnWriteArrayList<>();
        WatchedFiles<List<String>> files =
                new WatchedFiles<>(() -> "test", () -> SecretFile.readLines("file", file.toString()));
        files.load();
        files.start(Duration.ofMillis(20), lines -> read.add(lines.size()));
        int lines = 20;
        ScheduledExecutorService writer = DaemonClock.named("writer");
        AtomicInteger written = new AtomicInteger(1);
        writer.scheduleAtFixedRate(
                () -> {
                    if (written.get() < lines) {
                        append(file, written.getAndIncrement() + "\n");
                    }
                },
                0,
                50,
                TimeUnit.MILLISECONDS);
        await().until(() -> files.content().size() == lines);
        assertThat(read).containsExactly(lines);
        writer.shutdownNow();
        files.close();
    }

    private static void append(Path file, String line) {
        try {
            Files.writeString(file, line, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aClosedOneWatchesNoMore() throws IOException {
        Path file = file("one");
        LiveSettings<Settings> live = live(Map.of("name", "a", "file", file.toString()));
        WatchedFiles<String> other =
                new WatchedFiles<>(() -> "other", () -> SecretFile.readLines("file", file.toString())
                        .get(0));
        other.load();
        other.start(content -> {});
        live.close();
        file("second");
        await().until(() -> other.content().equals("second"));
        assertThat(live.get().content()).isEqualTo("one");
        other.close();
    }
}
