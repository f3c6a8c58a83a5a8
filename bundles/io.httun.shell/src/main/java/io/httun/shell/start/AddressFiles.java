// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.start;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The files of {@code etc/} that configure an address: of a listener, an endpoint, or the server of another tunnel. */
record AddressFiles(Path etc) {
    private static final Pattern NAME = Pattern.compile("(io\\.httun\\.[a-z.]+)[-~].+\\.(cfg|config|cfg\\.json)");
    /** These have a file for each name too, and listen nowhere. */
    private static final Set<String> WITHOUT_ADDRESS =
            Set.of("channel", "client", "connector", "filter", "reverse", "tun");

    private static final int KIND = 2;

    /**
     * Whether an address can be expected.
     *
     * @param installed says of a PID whether a component for it is installed: without the endpoint's bundle its file configures nothing
     */
    boolean any(Predicate<String> installed) throws IOException {
        try (Stream<Path> files = Files.list(etc)) {
            return files.map(file -> NAME.matcher(file.getFileName().toString()))
                    .filter(Matcher::matches)
                    .map(name -> name.group(1))
                    .filter(pid -> !WITHOUT_ADDRESS.contains(pid.split("\\.")[KIND]))
                    .anyMatch(installed);
        }
    }
}
