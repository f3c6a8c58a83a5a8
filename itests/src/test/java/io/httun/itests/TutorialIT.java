// SPDX-License-Identifier: Apache-2.0
package io.httun.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.httun.itests.fixture.ChildPrograms;
import io.httun.itests.fixture.NetworkNamespaces;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs {@code docs/tutorial.md} as a reader does: each block in its terminal, and waits for the output that it shows. */
class TutorialIT {
    private static final Path TUTORIAL = Path.of("../docs/tutorial.md");
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final Pattern BLOCK =
            Pattern.compile("^```(sh|text) terminal (\\d)\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
    /** What the build has done already. */
    private static final String BUILD = "./mvnw ";
    /** The terminal in which nothing runs in the foreground for long: the next block waits for it. */
    private static final String OPERATOR = "2";

    @TempDir
    Path folder;

    /** A shell of the reader's, on a host without any other program: the tutorial uses the usual ports. */
    private final class Terminal {
        private final Path output;
        private final Process shell;
        private int read;
        private int prompts;

        Terminal(NetworkNamespaces host, String name) {
            output = folder.resolve("terminal-" + name + ".out");
            ProcessBuilder builder = new ProcessBuilder("ip", "netns", "exec", host.name(), "bash")
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile());
            builder.environment().put("PYTHONUNBUFFERED", "1");
            builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
            builder.environment().keySet().removeIf(key -> key.matches("(?i)\\w+_proxy|HTTUN_BASE"));
            try {
                shell = builder.start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        void type(String line) throws IOException {
            // One line: a program in the foreground may read the next.
            String typed = line + " || echo \"FAILED $?: " + line.replaceAll("[^A-Za-z0-9 :./-]", "") + "\"\n";
            shell.getOutputStream().write(typed.getBytes(StandardCharsets.UTF_8));
            shell.getOutputStream().flush();
        }

        String text() {
            try {
                return Files.readString(output);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Waits for a line that begins so, or holds it, behind those seen before. */
        void await(String expected) {
            Awaitility.await("\"" + expected + "\" in " + output.getFileName())
                    .atMost(LIMIT)
                    .until(() -> {
                        assertNothingFailed();
                        return text().indexOf(expected, read) >= 0;
                    });
            read = text().indexOf(expected, read) + expected.length();
        }

        /** Waits until everything that was typed has run. */
        void awaitPrompt() throws IOException {
            String prompt = "prompt " + ++prompts + " of the shell";
            type("echo " + prompt);
            Awaitility.await(prompt + " in " + output.getFileName())
                    .atMost(LIMIT)
                    .until(() -> {
                        assertNothingFailed();
                        return text().contains(prompt);
                    });
        }

        /** 143: a program that was ended by "httun stop". */
        private void assertNothingFailed() {
            assertThat(text()).doesNotContainPattern("FAILED (?!143)");
        }

        void end() throws InterruptedException {
            List<ProcessHandle> all = shell.descendants().toList();
            shell.destroy();
            all.stream()
                    .sorted(Comparator.comparing(ProcessHandle::pid).reversed())
                    .forEach(ProcessHandle::destroy);
            shell.waitFor(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void worksAsItIsWritten() throws Exception {
        assumeThat(NetworkNamespaces.obstacle()).isEmpty();
        assumeThat(ChildPrograms.run(LIMIT, "sh", "-c", "command -v python3 && command -v curl")
                        .exit())
                .as("python3 or curl is not there")
                .isZero();
        Path assembly = Files.createDirectories(folder.resolve("karaf-assembly/target/assembly"));
        ChildPrograms.run(
                        LIMIT,
                        "tar",
                        "xzf",
                        KarafOptions.build("distribution"),
                        "-C",
                        assembly.toString(),
                        "--strip-components=1")
                .ok();
        Map<String, Terminal> terminals = new LinkedHashMap<>();
        NetworkNamespaces host = NetworkNamespaces.make("tutorial");
        try {
            List<MatchResult> blocks =
                    BLOCK.matcher(Files.readString(TUTORIAL)).results().toList();
            assertThat(blocks).hasSizeGreaterThan(20);
            for (MatchResult block : blocks) {
                Terminal terminal = terminals.computeIfAbsent(block.group(2), name -> new Terminal(host, name));
                follow(
                        terminal,
                        block.group(1).equals("sh"),
                        block.group(3).lines().toList());
                if (block.group(2).equals(OPERATOR)) {
                    terminal.awaitPrompt();
                }
            }
            for (String each : List.of("1", "2", "3")) {
                terminals.get(each).awaitPrompt();
            }
            assertThat(assembly.resolve("town")).doesNotExist();
        } finally {
            // The client that "join" has started in the background belongs to no terminal.
            host.works("HTTUN_BASE=" + assembly + "/laptop " + assembly + "/bin/httun stop");
            for (Terminal terminal : terminals.values()) {
                terminal.end();
            }
            host.close();
        }
    }

    private static void follow(Terminal terminal, boolean typed, List<String> lines) throws IOException {
        for (String line : lines) {
            if (!typed) {
                terminal.await(line);
            } else if (!line.startsWith(BUILD)) {
                terminal.type(line);
            }
        }
    }
}
