// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.zip.CRC32;
import org.junit.jupiter.api.io.TempDir;

/** Counter files of quotas: whatever is in one, its channel counts on, and what it counts is there at the next start. */
class UsageJournalFuzzTest {
    private static final LocalDate TODAY = LocalDate.of(2026, 11, 30);

    @TempDir
    static Path folder;

    @FuzzTest(maxDuration = "5s")
    void counters(byte[] input) throws IOException {
        Path file = Files.write(folder.resolve("home"), input);
        counts(file);
        // No search finds a checksum: add it to the last line.
        String text = new String(input, StandardCharsets.ISO_8859_1);
        CRC32 crc = new CRC32();
        crc.update(text.substring(text.lastIndexOf('\n') + 1).getBytes(StandardCharsets.ISO_8859_1));
        Files.writeString(file, text + String.format(" %08x", crc.getValue()), StandardCharsets.ISO_8859_1);
        counts(file);
    }

    private static void counts(Path file) throws IOException {
        UsageJournal journal = new UsageJournal(file);
        UsageCounts before = journal.load();
        if (before.day() < 0 || before.week() < 0 || before.month() < 0) {
            throw new AssertionError(before);
        }
        UsageCounts after = before.plus(Long.MAX_VALUE - 1, TODAY).plus(1000, TODAY);
        if (after.day() < before.on(TODAY).day() || after.month() < 0) {
            throw new AssertionError(after);
        }
        UsageCounts written = before.plus(1000, TODAY);
        journal.append(written);
        UsageCounts read = new UsageJournal(file).load();
        if (!read.line().equals(written.line())) {
            throw new AssertionError("wrote " + written + " and read " + read);
        }
    }
}
