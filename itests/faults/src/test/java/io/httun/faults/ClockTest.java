// SPDX-License-Identifier: Apache-2.0
package io.httun.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A clock that is set moves nothing: durations are measured by System.nanoTime, and who reads the time of day is listed here. */
class ClockTest {
    private static final Path BUNDLES = Path.of("../../bundles");
    private static final Pattern TIME_OF_DAY =
            Pattern.compile("currentTimeMillis|Instant\\.now|LocalDateTime\\.now|ZonedDateTime\\.now|new Date\\(\\)"
                    + "|Clock\\.system|Calendar\\.getInstance");

    /** What each is for. */
    private static final Map<String, String> KNOWN = Map.of(
            "RuleFilter.java", "rules that hold at certain hours",
            "Connection.java", "when a closed connection ended, for display",
            "ClientSettings.java", "a number in a path that keeps caches away, as GNU httptunnel's client has it");

    @Test
    void nobodyElseReadsTheTimeOfDay() throws IOException {
        try (Stream<Path> files = Files.walk(BUNDLES)) {
            List<Path> found = files.filter(file -> file.toString().contains("/src/main/java/"))
                    .filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> TIME_OF_DAY.matcher(text(file)).find())
                    .toList();
            assertThat(found.stream().map(file -> file.getFileName().toString()).collect(Collectors.toSet()))
                    .as("%s", found)
                    .isEqualTo(KNOWN.keySet());
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
