// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.status;

import io.httun.api.tunnel.PathReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A {@link PathReport} in words. */
public final class PathReportText {
    private static final int KIB = 1 << 10;

    private PathReportText() {}

    /** A line for each finding; without control characters, as some come from the other end. */
    public static List<String> lines(PathReport report) {
        List<String> lines = new ArrayList<>();
        add(lines, "server", report.url() + (report.server().isEmpty() ? "" : " (" + report.server() + ")"));
        add(lines, "addresses", String.join(", ", report.addresses()) + millis(", looked up in ", report.dnsMillis()));
        add(lines, "proxy", report.proxy());
        add(lines, "TLS", tls(report));
        if (report.keptRequests() > 0) {
            measured(lines, report);
        }
        if (report.problem().isEmpty()) {
            lines.add("verdict: " + (report.server().isEmpty() ? "nothing answers" : "this path works"));
        } else {
            lines.add("verdict: does not work: " + report.problem());
        }
        report.settings().forEach(setting -> lines.add("to do: " + setting));
        return lines.stream().map(line -> line.replaceAll("\\p{Cntrl}", "?")).toList();
    }

    private static String tls(PathReport report) {
        if (report.issuer().isEmpty()) {
            return report.tls();
        }
        return report.tls() + ", issuer " + report.issuer() + ", intercepted: " + report.intercepted();
    }

    private static void measured(List<String> lines, PathReport report) {
        add(lines, "methods", "GET " + passes(report.get()) + ", POST " + passes(report.post()));
        add(lines, "round trip", millis("", report.roundTripMillis()));
        add(lines, "reply", parts(report));
        add(
                lines,
                "largest body",
                "request " + size(report.largestRequest()) + ", reply " + size(report.largestReply()));
        add(lines, "headers", headers(report));
        add(lines, "parallel requests", number(report.parallel(), ""));
        add(lines, "requests per connection", report.keptRequests() == 1 ? "1" : report.keptRequests() + " or more");
        add(lines, "idle connection", cut(report.idleSeconds()));
        add(lines, "waiting request", cut(report.waitSeconds()));
        if (report.mebibytesPerSecondToServer() >= 0) {
            add(
                    lines,
                    "rate",
                    String.format(
                            Locale.ROOT,
                            "to server %.1f MiB/s, from server %.1f MiB/s",
                            report.mebibytesPerSecondToServer(),
                            report.mebibytesPerSecondFromServer()));
        }
    }

    private static String parts(PathReport report) {
        return report.head().isEmpty()
                ? ""
                : "head " + report.head() + ", first byte " + report.firstByte() + ", first 64 KiB "
                        + report.first64KiB();
    }

    private static String headers(PathReport report) {
        List<String> words = new ArrayList<>();
        word(words, "added to requests: ", report.headersAdded());
        word(words, "changed: ", report.headersChanged());
        word(words, "removed: ", report.headersRemoved());
        word(words, "added to replies: ", report.replyHeadersAdded());
        return words.isEmpty() ? "unchanged" : String.join("; ", words);
    }

    private static void word(List<String> words, String what, List<String> names) {
        if (!names.isEmpty()) {
            words.add(what + String.join(", ", names));
        }
    }

    private static String passes(boolean yes) {
        return yes ? "passes" : "does not pass";
    }

    private static String size(int bytes) {
        return bytes < KIB ? number(bytes, " bytes") : bytes / KIB + " KiB";
    }

    private static String cut(int seconds) {
        return seconds == 0 ? "not closed" : seconds < 0 ? "" : "closed after " + seconds + " s";
    }

    private static String number(int value, String unit) {
        return value < 0 ? "" : value + unit;
    }

    private static String millis(String before, double value) {
        return value < 0 ? "" : before + String.format(Locale.ROOT, "%.1f ms", value);
    }

    private static void add(List<String> lines, String name, String value) {
        if (!value.isBlank()) {
            lines.add(name + ": " + value);
        }
    }
}
