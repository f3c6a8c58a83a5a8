// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UsageJournalTest {
    private static final LocalDate SUNDAY = LocalDate.of(2026, 11, 29);

    @TempDir
    Path folder;

    private Path file() {
        return folder.resolve("usage").resolve("t.usage");
    }

    private static UsageCounts counts(long bytes) {
        return UsageCounts.NONE.plus(bytes, SUNDAY);
    }

    private UsageCounts load() {
        return new UsageJournal(file()).load();
    }

    @Test
    void theLastLineCountsAndTheFileStaysShort() throws Exception {
        assertThat(load()).isEqualTo(UsageCounts.NONE);
        UsageJournal journal = new UsageJournal(file());
        for (int i = 1; i <= 5000; i++) {
            journal.append(counts(i));
        }
        assertThat(load()).isEqualTo(counts(5000));
        assertThat(Files.size(file())).isLessThan(1 << 16);
    }

    @Test
    void halfALineIsPassedOverAndDoesNotSpoilTheNextOne() throws Exception {
        new UsageJournal(file()).append(counts(7));
        Files.writeString(file(), counts(9).line().substring(0, 20), StandardOpenOption.APPEND);
        UsageJournal journal = new UsageJournal(file());
        assertThat(journal.load()).isEqualTo(counts(7));
        journal.append(counts(8));
        assertThat(load()).isEqualTo(counts(8));
    }

    @Test
    void aLineWithoutItsEndDoesNotSpoilTheNextOne() throws Exception {
        Files.createDirectories(file().getParent());
        Files.writeString(file(), counts(7).line());
        UsageJournal journal = new UsageJournal(file());
        assertThat(journal.load()).isEqualTo(counts(7));
        journal.append(counts(8));
        assertThat(load()).isEqualTo(counts(8));
    }

    @Test
    void whatIsNoJournalCountsFromTheLastGoodLineOrFromZero() throws Exception {
        Files.createDirectories(file().getParent());
        String good = counts(7).line();
        String forged = good.replace(" 7 ", " 0 ");
        String newer = "2" + good.substring(1);
        Files.writeString(file(), good + "\n" + forged + "\n" + newer + "\n\u0000\u0000\u0000");
        assertThat(load()).isEqualTo(counts(7));
        Files.write(file(), new byte[1 << 20]);
        assertThat(load()).isEqualTo(UsageCounts.NONE);
        Files.writeString(file(), "x".repeat(1 << 20) + "\n" + good + "\n", StandardCharsets.US_ASCII);
        assertThat(load()).isEqualTo(counts(7));
        Files.delete(file());
        Files.createDirectory(file());
        assertThat(load()).isEqualTo(UsageCounts.NONE);
    }

    @Test
    void eachPeriodBeginsAnewAndNoClockThatWasSetBackBeginsOne() {
        UsageCounts sunday = counts(10);
        UsageCounts monday = sunday.plus(1, SUNDAY.plusDays(1));
        assertThat(monday).isEqualTo(new UsageCounts(SUNDAY.plusDays(1), 1, 1, 11));
        UsageCounts december = monday.plus(1, SUNDAY.plusDays(2));
        assertThat(december).isEqualTo(new UsageCounts(SUNDAY.plusDays(2), 1, 2, 1));
        assertThat(december.plus(5, LocalDate.EPOCH)).isEqualTo(new UsageCounts(SUNDAY.plusDays(2), 6, 7, 6));
        assertThat(december.on(SUNDAY.plusYears(1))).isEqualTo(new UsageCounts(SUNDAY.plusYears(1), 0, 0, 0));
    }
}
