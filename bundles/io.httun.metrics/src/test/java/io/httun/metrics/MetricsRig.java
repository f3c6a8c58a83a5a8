// SPDX-License-Identifier: Apache-2.0
package io.httun.metrics;

import io.httun.api.status.HealthReport;
import io.httun.api.status.StatusSnapshot;
import io.httun.api.status.StatusSource;
import io.httun.toolkit.web.AllowedPeers;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.servlet.ServletException;
import javax.servlet.ServletOutputStream;
import javax.servlet.WriteListener;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

/** The metrics as a scrape gets them, without a web server. */
final class MetricsRig {
    private static final Pattern VALUE = Pattern.compile("^([a-z_]+(?:\\{.*\\})?) (\\S+)$", Pattern.MULTILINE);

    final PrometheusRegistry registry = new PrometheusRegistry();
    final EndedConnections ended = new EndedConnections(registry);
    final ClientExchanges exchanges = new ClientExchanges(registry);
    HealthReport health = new HealthReport(List.of());
    boolean users;

    MetricsRig(StatusSource status) {
        new SwapStalls(registry, System::nanoTime, List.of("FrameCipher"));
        new SampledTimes(registry, ImmediateEventExecutor.INSTANCE, status::pipes).take();
        registry.register(new StatusMetrics(() -> StatusSnapshot.of(List.of(status)), () -> users));
        registry.register(new HealthMetrics(() -> health));
        JvmMetrics.builder().register(registry);
    }

    /** What the servlet answered. */
    record Answer(int status, Map<String, String> headers, String body) {
        /** Every value by its name and labels. */
        Map<String, Double> values() {
            Map<String, Double> values = new TreeMap<>();
            Matcher value = VALUE.matcher(body);
            while (value.find()) {
                values.put(value.group(1), Double.parseDouble(value.group(2)));
            }
            return values;
        }
    }

    Answer scrape() {
        return get(AllowedPeers.of("access", "loopback"), "127.0.0.1", Map.of());
    }

    Answer get(AllowedPeers allowed, String from, Map<String, String> headers) {
        return ask(new Exposition(registry, request -> Reading.isAllowed(allowed, request)), from, null, headers);
    }

    /** @param path behind the servlet's own; null for none */
    static Answer ask(HttpServlet servlet, String from, String path, Map<String, String> headers) {
        Map<String, String> answers = new HashMap<>();
        answers.put("getRemoteAddr", from);
        answers.put("getPathInfo", path);
        HttpServletRequest request = proxy(HttpServletRequest.class, answers, headers);
        Map<String, String> answered = new HashMap<>();
        int[] status = {HttpServletResponse.SC_OK};
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        HttpServletResponse response = HttpServletResponse.class.cast(Proxy.newProxyInstance(
                MetricsRig.class.getClassLoader(), new Class<?>[] {HttpServletResponse.class}, (self, method, args) -> {
                    switch (method.getName()) {
                        case "setStatus" -> status[0] = (int) args[0];
                        case "setHeader" -> answered.put((String) args[0], (String) args[1]);
                        case "setContentType" -> answered.put("Content-Type", (String) args[0]);
                        case "setContentLength" -> answered.put("Content-Length", args[0].toString());
                        case "getOutputStream" -> {
                            return stream(body);
                        }
                        default -> {}
                    }
                    return null;
                }));
        try {
            servlet.service(request, response);
        } catch (IOException | ServletException e) {
            throw new AssertionError(e);
        }
        return new Answer(status[0], answered, body.toString(StandardCharsets.UTF_8));
    }

    private static <T> T proxy(Class<T> type, Map<String, String> answers, Map<String, String> headers) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (self, method, args) -> switch (method.getName()) {
                    case "getHeader" -> headers.get(args[0]);
                    case "getMethod" -> "GET";
                    default -> answers.get(method.getName());
                }));
    }

    private static ServletOutputStream stream(ByteArrayOutputStream body) {
        return new ServletOutputStream() {
            @Override
            public boolean isReady() {
                return true;
            }

            @Override
            public void setWriteListener(WriteListener listener) {
                throw new UnsupportedOperationException();
            }

            @Override
            public void write(int one) {
                body.write(one);
            }
        };
    }

    /** Runs promtool; fails with what it printed. */
    static void promtool(String input, String... arguments) throws Exception {
        String[] command = new String[arguments.length + 1];
        command[0] = "promtool";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (var out = process.getOutputStream()) {
            out.write(input.getBytes(StandardCharsets.UTF_8));
        }
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new AssertionError("promtool " + String.join(" ", arguments) + ": " + printed);
        }
    }
}
