// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.netty;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A real program, as far as it is installed; a test without it is skipped. */
final class Program {
    private static final int LIMIT_SECONDS = 60;

    private Program() {}

    static Process start(String... command) throws IOException {
        assumeTrue(
                Stream.of("/usr/bin", "/usr/sbin", "/bin")
                        .anyMatch(folder -> new File(folder, command[0]).canExecute()),
                command[0] + " is not installed");
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(new File("/dev/null"))
                .start();
    }

    /** What it prints, errors too. */
    static String run(String... command) throws Exception {
        Process process = start(command);
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IllegalStateException(List.of(command) + " does not end");
        }
        return output;
    }

    /** Body, then a line of HTTP version and status. */
    static String curl(String... more) throws Exception {
        Stream<String> first = Stream.of("curl", "-sSk", "-m", "20", "-w", "|%{http_version} %{http_code}");
        return run(Stream.concat(first, Stream.of(more)).toArray(String[]::new));
    }
}
