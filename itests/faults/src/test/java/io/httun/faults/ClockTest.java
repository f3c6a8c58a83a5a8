// SPDX-License-Identifier: Apache-2.0
package io.httun.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A clock that is set moves nothing: durations are measured by System.nanoTime, and who reads the time of day is listed here. */
class ClockTest {
    private static final Path BUNDLES = Path.of("../../bundles");
    private static final Pattern TIME_OF_DAY =
            Pattern.compile("currentTimeMillis|Instant\\.now|LocalDateTime\\.now|ZonedDateTime\\.now|new Date\\(\\)"
                    + "|Clock\\.system|Calendar\\.getInstance");

    private static final List<Path> LIBRARIES = Stream.of("x86_64-linux-gnu", "aarch64-linux-gnu")
            .map(machine -> Path.of("/usr/lib", machine, "faketime", "libfaketimeMT.so.1"))
            .toList();

    /** What each is for. */
    private static final Map<String, String> KNOWN = Map.ofEntries(
            Map.entry("RuleFilter.java", "rules that hold at certain hours"),
            Map.entry("ConfigurationProblems.java", "how long ago a file was changed"),
            Map.entry("ConnectionAccount.java", "when a closed connection ended, for display"),
            Map.entry("StatusSnapshot.java", "when the status was asked for, for display"),
            Map.entry("ServerChannel.java", "quotas by the day, expiry and hours of a channel"),
            Map.entry("ChannelRotateCommand.java", "until when the old secret holds"),
            Map.entry("SessionProbe.java", "what the server's clock says, for whoever compares it"),
            Map.entry("ProbeFindings.java", "how far the two clocks are apart"),
            Map.entry("AuditComponent.java", "when something happened, for the audit trail"),
            Map.entry("ReportCommand.java", "the name of a file"),
            Map.entry(
                    "GnuHttptunnelConnectorSettings.java",
                    "a number in a path that keeps caches away, as GNU httptunnel's client has it"));

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

    @Test
    void transfersGoOnWhenTheClockIsSetForthAndBack(@TempDir Path folder) throws Exception {
        Path library = LIBRARIES.stream().filter(Files::exists).findFirst().orElse(null);
        assumeTrue(library != null, "libfaketime is not there");
        Path clock = Files.writeString(folder.resolve("clock"), "+0h");
        Path output = folder.resolve("output");
        ProcessBuilder builder = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/java",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SetClock.class.getName(),
                        clock + "")
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment()
                .putAll(Map.of(
                        "LD_PRELOAD",
                        library + "",
                        "FAKETIME_TIMESTAMP_FILE",
                        clock + "",
                        "FAKETIME_CACHE_DURATION",
                        "1",
                        "FAKETIME_DONT_FAKE_MONOTONIC",
                        "1",
                        // Where libfaketime knows no better, every timed wait of the JVM returns at once, and its
                        // threads spin.
                        "FAKETIME_FORCE_MONOTONIC_FIX",
                        "0"));
        Process process = builder.start();
        try {
            assertThat(process.waitFor(3, TimeUnit.MINUTES)).isTrue();
            assertThat(text(output)).contains("5 hours: whole", "-5 hours: whole", "48 hours: whole", "0 hours: whole");
            assertThat(process.exitValue()).isZero();
        } finally {
            process.destroyForcibly();
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
