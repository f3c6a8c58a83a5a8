// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Real proxy clients as child processes. */
final class RealPrograms {
    private static final int SECONDS = 60;

    record Result(int exit, String output, String errors) {
        Result ok() {
            assertThat(exit).as(errors + output).isZero();
            return this;
        }
    }

    private RealPrograms() {}

    static void need(String program) {
        boolean there = Stream.concat(
                        Stream.of(System.getenv("PATH").split(File.pathSeparator)), Stream.of("/usr/sbin"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
        assumeTrue(there, program + " is not installed");
    }

    static Result curl(String... arguments) {
        need("curl");
        List<String> command = Stream.concat(
                        Stream.of("curl", "-sS", "--noproxy", "", "-m", "30"), Stream.of(arguments))
                .toList();
        return run(command.toArray(String[]::new));
    }

    static Result run(String... command) {
        return run(List.of(), command);
    }

    /** @param input lines for its standard input */
    static Result run(List<String> input, String... command) {
        try {
            Path output = Files.createTempFile("httun", ".out");
            Path errors = Files.createTempFile("httun", ".err");
            Path lines = Files.createTempFile("httun", ".in");
            try {
                Files.write(lines, input);
                Process process = new ProcessBuilder(command)
                        .redirectInput(lines.toFile())
                        .redirectOutput(output.toFile())
                        .redirectError(errors.toFile())
                        .start();
                if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly().waitFor();
                }
                return new Result(
                        process.exitValue(),
                        Files.readString(output, StandardCharsets.ISO_8859_1),
                        Files.readString(errors, StandardCharsets.ISO_8859_1));
            } finally {
                Files.delete(output);
                Files.delete(errors);
                Files.delete(lines);
            }
        } catch (IOException e) {
            throw new IllegalStateException(String.join(" ", command), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
