// SPDX-License-Identifier: Apache-2.0
package io.httun.docs;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** What {@code bin/httun} says of itself. */
final class CommandLine {
    static final String SCRIPT = "karaf-assembly/src/main/resources/assembly/bin/httun";

    /** Commands that have a help of their own. {@code invite} has that of httun:channel-add, which it runs. */
    static final List<String> WITH_HELP = List.of("proxy", "join", "connect", "probe");

    private CommandLine() {}

    static String reference(Path repository) throws IOException {
        StringBuilder page = new StringBuilder(
                "# Command line\n\nWhat `httun --help` and its like print. `httun invite` takes the options of"
                        + " `httun:channel-add`.\n");
        append(page, "httun", help(repository, "--help"));
        for (String command : WITH_HELP) {
            append(page, "httun " + command, help(repository, command, "--help"));
        }
        return page.toString();
    }

    private static void append(StringBuilder page, String command, String text) {
        page.append("\n## `")
                .append(command)
                .append("`\n\n```text\n")
                .append(text)
                .append("```\n");
    }

    static String help(Path repository, String... words) throws IOException {
        List<String> line = new java.util.ArrayList<>(
                List.of("sh", repository.resolve(SCRIPT).toString()));
        line.addAll(List.of(words));
        Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException(line + ": " + text);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
        return text;
    }
}
