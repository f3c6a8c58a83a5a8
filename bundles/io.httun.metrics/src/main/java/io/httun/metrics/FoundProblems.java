// SPDX-License-Identifier: Apache-2.0
package io.httun.metrics;

import io.httun.api.status.HealthChecks;
import io.httun.api.status.HealthStatus;
import io.httun.api.status.Problem;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.felix.hc.api.Result;
import org.apache.felix.hc.api.ResultLog;
import org.apache.felix.hc.api.execution.HealthCheckExecutionResult;

/** A result of one of our checks for Felix, from which ours can be had again. */
final class FoundProblems extends Result {
    private final HealthChecks.Result found;

    FoundProblems(HealthChecks.Result found) {
        super(log(found));
        this.found = found;
    }

    private static ResultLog log(HealthChecks.Result found) {
        ResultLog log = new ResultLog();
        Status status = Status.valueOf(found.status().name());
        found.problems()
                .forEach(problem -> log.add(new ResultLog.Entry(
                        status, problem.part() + ": " + problem.what() + "; remedy: " + problem.remedy())));
        return log.add(new ResultLog.Entry(status, found.problems().isEmpty() ? "OK" : "see above"));
    }

    /** As ours, whoever's check it was; one that timed out or failed has Felix' words for it. */
    static HealthChecks.Result of(HealthCheckExecutionResult executed) {
        Result result = executed.getHealthCheckResult();
        if (result instanceof FoundProblems ours) {
            return ours.found;
        }
        String name = executed.getHealthCheckMetadata().getName();
        HealthStatus status = status(result.getStatus());
        return new HealthChecks.Result(
                name,
                status,
                status == HealthStatus.OK
                        ? List.of()
                        : List.of(new Problem(
                                "health check " + name,
                                words(result),
                                "correct what it names, or its own configuration")));
    }

    private static HealthStatus status(Status status) {
        return switch (status) {
            case OK -> HealthStatus.OK;
            case WARN -> HealthStatus.WARN;
            default -> HealthStatus.CRITICAL;
        };
    }

    private static String words(Result result) {
        return StreamSupport.stream(result.spliterator(), false)
                .filter(entry -> !entry.isDebug())
                .map(ResultLog.Entry::getMessage)
                .collect(Collectors.joining("; "));
    }
}
