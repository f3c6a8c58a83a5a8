// SPDX-License-Identifier: Apache-2.0
package io.httun.metrics;

import io.httun.api.status.HealthReport;
import io.httun.api.status.HealthStatus;
import io.httun.toolkit.status.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import java.util.function.Predicate;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

/**
 * The verdict over HTTP, as JSON: all checks, with {@code /live} those that only a restart helps, with {@code /ready} those that say whether
 * traffic flows. 503 where the verdict is critical, else 200.
 */
final class HealthServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    private final transient Function<String, HealthReport> verdict;
    private final transient Predicate<HttpServletRequest> allowed;

    /** @param verdict of the checks with a tag of {@link FelixHealthChecks} */
    HealthServlet(Function<String, HealthReport> verdict, Predicate<HttpServletRequest> allowed) {
        this.verdict = verdict;
        this.allowed = allowed;
    }

    private static String tag(String path) {
        return switch (path == null ? "" : path) {
            case "" -> FelixHealthChecks.OURS;
            case "/live" -> FelixHealthChecks.LIVE;
            case "/ready" -> FelixHealthChecks.READY;
            default -> "";
        };
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String tag = tag(request.getPathInfo());
        if (tag.isEmpty() || !Reading.isRead(request) || !allowed.test(request)) {
            Reading.refuse(response);
            return;
        }
        HealthReport report = verdict.apply(tag);
        byte[] body = (Json.write(report) + "\n").getBytes(StandardCharsets.US_ASCII);
        response.setStatus(
                report.status() == HealthStatus.CRITICAL
                        ? HttpServletResponse.SC_SERVICE_UNAVAILABLE
                        : HttpServletResponse.SC_OK);
        response.setContentType("application/json");
        response.setHeader("Cache-Control", "no-store");
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }
}
