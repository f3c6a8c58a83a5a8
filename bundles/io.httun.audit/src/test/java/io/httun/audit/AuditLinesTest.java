// SPDX-License-Identifier: Apache-2.0
package io.httun.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.toolkit.audit.AuditEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AuditLinesTest {
    private final List<AuditEvent> written = new ArrayList<>();
    private long now;
    private final AuditLines lines = new AuditLines(written::add, () -> now);

    private static AuditEvent refused(String user) {
        return AuditEvent.of("login/REFUSED", "user", user);
    }

    @Test
    void aFloodIsSummarizedAndHidesNoOtherKind() {
        for (int i = 0; i < 100_000; i++) {
            lines.accept(refused("guess" + i));
        }
        lines.accept(AuditEvent.of("login/ACCEPTED", "user", "ann"));
        assertThat(written).hasSize(AuditLines.BURST + 1);
        lines.tick();
        assertThat(written).hasSize(AuditLines.BURST + 1);
        now += TimeUnit.SECONDS.toNanos(AuditLines.WINDOW_SECONDS);
        lines.tick();
        lines.tick();
        assertThat(written).hasSize(AuditLines.BURST + 2);
        assertThat(written.get(AuditLines.BURST + 1))
                .isEqualTo(AuditEvent.of(
                        AuditLines.SUPPRESSED, "of", "login/REFUSED", "count", "" + (100_000 - AuditLines.BURST)));
        lines.accept(refused("later"));
        assertThat(written).hasSize(AuditLines.BURST + 3);
    }

    @Test
    void theEndTellsWhatWasSuppressed() {
        for (int i = 0; i <= AuditLines.BURST; i++) {
            lines.accept(refused("a"));
        }
        lines.end();
        lines.end();
        assertThat(written).hasSize(AuditLines.BURST + 1);
        assertThat(written.get(AuditLines.BURST).details()).containsEntry("count", "1");
    }

    @Test
    void manyKindsAreBoundedToo() {
        for (int i = 0; i < 10_000; i++) {
            lines.accept(AuditEvent.of("kind/" + i));
        }
        assertThat(written.size()).isLessThan(200);
    }

    @Test
    void hostileNamesStayInTheirLine() {
        String line = AuditLines.line(
                Instant.EPOCH,
                refused("x\"}\r\n{\"event\":\"login/ACCEPTED\"\u2028\u202e\u001b[2J\u0000" + "a".repeat(100_000)));
        assertThat(line)
                .startsWith(
                        "{\"time\":\"1970-01-01T00:00:00Z\",\"event\":\"login/REFUSED\",\"user\":\"x\\\"}\\u000d\\u000a{")
                .matches("[ -~]+")
                .hasSizeLessThan(2_000);
    }

    @Test
    void aDetailReplacesNeitherTimeNorKind() {
        assertThat(AuditLines.line(Instant.EPOCH, AuditEvent.of("a/B", "event", "forged", "time", "never")))
                .isEqualTo("{\"time\":\"1970-01-01T00:00:00Z\",\"event\":\"a/B\"}");
    }
}
