// SPDX-License-Identifier: Apache-2.0
package io.httun.metrics;

import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.util.function.Predicate;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

/** Answers a scrape: in OpenMetrics where it is asked for, else in the older text format, which shows the same to people. */
final class Exposition extends HttpServlet {
    private static final long serialVersionUID = 1L;

    private final transient PrometheusRegistry registry;
    private final transient Predicate<HttpServletRequest> allowed;
    private final transient ExpositionFormatWriter openMetrics = OpenMetricsTextFormatWriter.create();
    private final transient ExpositionFormatWriter text = PrometheusTextFormatWriter.create();

    Exposition(PrometheusRegistry registry, Predicate<HttpServletRequest> allowed) {
        this.registry = registry;
        this.allowed = allowed;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (!Reading.isRead(request) || request.getPathInfo() != null || !allowed.test(request)) {
            Reading.refuse(response);
            return;
        }
        ExpositionFormatWriter format = openMetrics.accepts(request.getHeader("Accept")) ? openMetrics : text;
        response.setContentType(format.getContentType());
        response.setHeader("Cache-Control", "no-store");
        format.write(response.getOutputStream(), registry.scrape());
    }
}
