// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.start;

import io.httun.api.status.ListenerStatus;
import io.httun.api.status.Problem;
import io.httun.api.status.StatusSource;
import io.httun.shell.health.EndpointUrls;
import io.httun.toolkit.status.Services;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The report of a process on its standard output: its addresses, or its problems. */
record ReadyLine(String mode, Services services, String console, String log) {
    /** Where the process is reached. */
    List<String> addresses() {
        return Stream.concat(
                        services.status(StatusSource::endpoints).stream()
                                .filter(endpoint -> endpoint.state().equals("open"))
                                .flatMap(endpoint -> EndpointUrls.of(services, endpoint)),
                        services.status(StatusSource::listeners).stream()
                                .filter(listener -> listener.state().equals("listening"))
                                .map(ReadyLine::url))
                .toList();
    }

    String text(List<Problem> problems) {
        String places = String.join(", ", addresses());
        String line = "httun " + mode + (problems.isEmpty() ? " is ready: " : " has " + count(problems) + ": ")
                + (places.isEmpty() ? "no address is configured" : places)
                + "; console: httun shell (" + console + "); log: " + log;
        return Stream.concat(
                        Stream.of(line),
                        problems.stream()
                                .map(problem -> "  " + problem.part() + ": " + problem.what() + "\n    remedy: "
                                        + problem.remedy()))
                .collect(Collectors.joining("\n"));
    }

    private static String count(List<Problem> problems) {
        return problems.size() + (problems.size() == 1 ? " problem" : " problems");
    }

    private static String url(ListenerStatus listener) {
        return switch (listener.kind()) {
            case "socks" -> EndpointUrls.url(listener.address(), "socks5h", "socks5h");
            case "connect" -> EndpointUrls.url(listener.address(), "http", "https");
            default -> listener.kind() + " " + listener.address();
        };
    }
}
