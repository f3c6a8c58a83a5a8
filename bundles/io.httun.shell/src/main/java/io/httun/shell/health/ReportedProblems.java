// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.health;

import io.httun.api.status.HealthSource;
import io.httun.api.status.Problem;
import io.httun.api.status.StatusSource;
import io.httun.toolkit.status.Services;
import java.util.List;
import java.util.stream.Stream;

/** The problems that the parts report themselves. */
record ReportedProblems(Services services) implements HealthSource {
    @Override
    public List<Problem> problems() {
        return Stream.concat(services.all(HealthSource.class).stream(), services.all(StatusSource.class).stream())
                .distinct()
                .flatMap(source -> source.problems().stream())
                .toList();
    }
}
