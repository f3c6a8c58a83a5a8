// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.status.Problem;
import io.httun.api.target.RefusedException.Cause;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TroubleTest {
    @ParameterizedTest
    @EnumSource
    void isOnThePage(Trouble trouble) throws IOException {
        assertThat(Files.readString(Path.of("../../docs/troubleshooting.md")).lines())
                .anyMatch(row ->
                        row.startsWith("| " + trouble.what() + " | ") && row.endsWith(" | " + trouble.remedy() + " |"));
    }

    @ParameterizedTest
    @EnumSource
    void isFoundInItsMessage(Trouble trouble) {
        String message = "tunnel home: http://h: " + trouble.with("status 1 -> x");
        assertThat(Trouble.in(message)).contains(trouble);
        Problem problem = Trouble.problem("client home", message, "-");
        assertThat(problem.what()).isEqualTo("tunnel home: http://h: " + trouble.what() + ": status 1 -> x");
        assertThat(problem.remedy()).isEqualTo(trouble.remedy());
    }

    @Test
    void anotherMessageHasTheRemedyOfItsPart() {
        assertThat(Trouble.problem("client a", "odd -> thing", "look").remedy()).isEqualTo("look");
        assertThat(Trouble.in("odd -> thing")).isEmpty();
    }

    @Test
    void tellsWhatIsWrongWithATarget() {
        assertThat(Trouble.of(Cause.DENIED)).contains(Trouble.FILTER_DENIES);
        assertThat(Trouble.of(Cause.CONNECTION_REFUSED)).contains(Trouble.TARGET_REFUSES);
        assertThat(Trouble.of(Cause.OVERLOADED)).isEmpty();
    }
}
