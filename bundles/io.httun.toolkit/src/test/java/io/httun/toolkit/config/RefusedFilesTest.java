// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.config.ConfigException;
import io.httun.api.status.Problem;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RefusedFilesTest {
    private static String read(Map<String, ?> properties) {
        String name = properties.get("name").toString();
        if (name.isEmpty()) {
            throw new ConfigException("test.cfg: name: is required");
        }
        return name;
    }

    private static List<String> problems() {
        return new RefusedFiles()
                .problems().stream()
                        .filter(problem -> problem.part().equals("part home"))
                        .map(Problem::what)
                        .toList();
    }

    @Test
    void aRefusedUpdateIsAProblemUntilItIsFixedOrItsPartHasGone() {
        try (LiveSettings<String> settings =
                new LiveSettings<>(now -> "part " + now, RefusedFilesTest::read, Map.of("name", "home")).start()) {
            assertThat(problems()).isEmpty();
            settings.update(Map.of("name", ""));
            assertThat(settings.get()).isEqualTo("home");
            assertThat(problems()).containsExactly("test.cfg: name: is required");
            settings.update(Map.of("name", "home"));
            assertThat(problems()).isEmpty();
            settings.update(Map.of("name", ""));
        }
        assertThat(problems()).isEmpty();
    }
}
