// SPDX-License-Identifier: Apache-2.0
package io.httun.api.status;

import java.util.List;

/** All checks of the health of this process. A service: whatever tells the health asks it and nothing else, so that there is one verdict. */
public interface HealthChecks {
    /**
     * One check. Registered as a service, it becomes one of {@link #checks()}.
     *
     * @param name a word, in lower case with hyphens
     * @param live whether its problems mean that only a restart helps
     * @param severity of its problems
     * @param source what to ask; may block for some seconds
     */
    record Check(String name, boolean live, HealthStatus severity, HealthSource source) {
        /** Asks now. A failure of the check is a problem: it must not hide those that other checks find. */
        public Result run() {
            try {
                List<Problem> problems = source.problems().stream().distinct().toList();
                return new Result(name, problems.isEmpty() ? HealthStatus.OK : severity, problems);
            } catch (RuntimeException e) {
                Problem failed = new Problem(
                        "health", source.getClass().getSimpleName() + " failed: " + e, "run httun:health again");
                return new Result(name, HealthStatus.WARN, List.of(failed));
            }
        }
    }

    /**
     * What a check has found.
     *
     * @param check its name
     * @param status {@link HealthStatus#OK} without problems
     * @param problems until they are fixed
     */
    record Result(String check, HealthStatus status, List<Problem> problems) {}

    /** In the order in which their problems are shown. */
    List<Check> checks();
}
