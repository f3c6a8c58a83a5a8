// SPDX-License-Identifier: Apache-2.0
package io.httun.api.status;

import java.util.Comparator;
import java.util.List;

/**
 * The verdict on this process. Written as JSON, it is what {@code /health} answers.
 *
 * @param status the worst of all checks
 * @param checks what each check has found
 */
public record HealthReport(HealthStatus status, List<HealthChecks.Result> checks) {
    public HealthReport(List<HealthChecks.Result> checks) {
        this(
                checks.stream()
                        .map(HealthChecks.Result::status)
                        .max(Comparator.naturalOrder())
                        .orElse(HealthStatus.OK),
                List.copyOf(checks));
    }

    /** Runs every check. May block for some seconds. */
    public static HealthReport of(HealthChecks all) {
        return new HealthReport(
                all.checks().stream().map(HealthChecks.Check::run).toList());
    }

    /** All problems, each once. */
    public List<Problem> problems() {
        return checks.stream()
                .flatMap(check -> check.problems().stream())
                .distinct()
                .toList();
    }
}
