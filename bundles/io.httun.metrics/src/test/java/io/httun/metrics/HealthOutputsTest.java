// SPDX-License-Identifier: Apache-2.0
package io.httun.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.httun.api.status.HealthChecks;
import io.httun.api.status.HealthReport;
import io.httun.api.status.HealthStatus;
import io.httun.api.status.Problem;
import io.httun.toolkit.web.AllowedPeers;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import org.apache.felix.hc.api.Result;
import org.apache.felix.hc.api.execution.HealthCheckExecutionResult;
import org.apache.felix.hc.api.execution.HealthCheckMetadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The verdict as each output shows it. */
class HealthOutputsTest {
    private static final Problem PROBLEM = new Problem("socks.cfg", "bind = x", "correct it");

    private static HealthReport report(HealthStatus status) {
        HealthChecks.Check fine = new HealthChecks.Check("fine", false, HealthStatus.CRITICAL, List::of);
        HealthChecks.Check other = new HealthChecks.Check(
                "other", false, status, () -> status == HealthStatus.OK ? List.of() : List.of(PROBLEM));
        return HealthReport.of(() -> List.of(fine, other));
    }

    @ParameterizedTest
    @CsvSource({"OK, 200", "WARN, 200", "CRITICAL, 503"})
    void theStatusCodeSaysWhetherTrafficFlows(HealthStatus status, int code) {
        HealthServlet servlet = new HealthServlet(tag -> report(status), request -> true);
        MetricsRig.Answer answer = MetricsRig.ask(servlet, "127.0.0.1", null, Map.of());
        assertThat(answer.status()).isEqualTo(code);
        String problems = status == HealthStatus.OK
                ? ""
                : "{\"part\":\"socks.cfg\",\"what\":\"bind = x\",\"remedy\":\"correct it\"}";
        assertThat(answer.body().strip())
                .isEqualTo("{\"status\":\"" + status + "\",\"checks\":["
                        + "{\"check\":\"fine\",\"status\":\"OK\",\"problems\":[]},"
                        + "{\"check\":\"other\",\"status\":\"" + status + "\",\"problems\":[" + problems + "]}]}");
    }

    @Test
    void eachPathAsksForItsChecksAndOthersAreNotThere() {
        List<String> asked = new ArrayList<>();
        HealthServlet servlet = new HealthServlet(
                tag -> {
                    asked.add(tag);
                    return report(HealthStatus.OK);
                },
                request -> Reading.isAllowed(AllowedPeers.of("health.access", "loopback"), request));
        for (String path : new String[] {null, "/live", "/ready"}) {
            assertThat(MetricsRig.ask(servlet, "::1", path, Map.of()).status()).isEqualTo(200);
        }
        MetricsRig.Answer nothing = new MetricsRig.Answer(404, Map.of("Content-Length", "0"), "");
        assertThat(MetricsRig.ask(servlet, "::1", "/other", Map.of())).isEqualTo(nothing);
        assertThat(MetricsRig.ask(servlet, "192.0.2.1", null, Map.of())).isEqualTo(nothing);
        assertThat(asked).containsExactly("httun", "live", "ready");
    }

    @Test
    void aResultGoesThroughFelixUnchanged() {
        for (HealthStatus status : HealthStatus.values()) {
            HealthChecks.Result result = report(status).checks().get(1);
            FoundProblems given = new FoundProblems(result);
            assertThat(given.getStatus()).isEqualTo(Result.Status.valueOf(status.name()));
            assertThat(FoundProblems.of(executed("other", given))).isEqualTo(result);
        }
        assertThat(new FoundProblems(report(HealthStatus.WARN).checks().get(1)).toString())
                .contains("socks.cfg: bind = x; remedy: correct it");
    }

    @Test
    void aCheckThatIsNotOursIsAProblemInItsOwnWords() {
        Result timedOut = new Result(Result.Status.TEMPORARILY_UNAVAILABLE, "disk is full");
        assertThat(FoundProblems.of(executed("disk", timedOut)))
                .isEqualTo(new HealthChecks.Result(
                        "disk",
                        HealthStatus.CRITICAL,
                        List.of(new Problem(
                                "health check disk",
                                "disk is full",
                                "correct what it names, or its own configuration"))));
    }

    @Test
    void theMetricsShowTheLastVerdict() {
        MetricsRig rig = new MetricsRig(new SampleStatus());
        rig.health = report(HealthStatus.WARN);
        assertThat(rig.scrape().values())
                .containsEntry("httun_health_status", 1.0)
                .containsEntry("httun_health_problems{check=\"fine\"}", 0.0)
                .containsEntry("httun_health_problems{check=\"other\"}", 1.0);
    }

    @Test
    void theWatchTellsChangesOnly() {
        List<HealthStatus> verdicts = new ArrayList<>(List.of(HealthStatus.OK, HealthStatus.OK, HealthStatus.CRITICAL));
        HealthWatch watch = new HealthWatch(() -> List.of(new HealthChecks.Check(
                "part",
                false,
                HealthStatus.CRITICAL,
                () -> verdicts.remove(0) == HealthStatus.OK ? List.of() : List.of(PROBLEM))));
        List<String> told = new ArrayList<>();
        watch.listen((before, now) -> told.add(before + " " + now.status()));
        watch.look();
        watch.look();
        watch.look();
        assertThat(told).containsExactly("OK OK", "OK CRITICAL");
        assertThat(watch.latest().problems()).containsExactly(PROBLEM);
        watch.stop();
    }

    private static HealthCheckExecutionResult executed(String name, Result result) {
        return new HealthCheckExecutionResult() {
            @Override
            public Result getHealthCheckResult() {
                return result;
            }

            @Override
            public long getElapsedTimeInMs() {
                return 0;
            }

            @Override
            public Date getFinishedAt() {
                return new Date(0);
            }

            @Override
            public boolean hasTimedOut() {
                return false;
            }

            @Override
            public HealthCheckMetadata getHealthCheckMetadata() {
                return new HealthCheckMetadata(FelixReference.named(name));
            }
        };
    }
}
