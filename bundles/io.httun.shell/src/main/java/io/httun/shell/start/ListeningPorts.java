// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.start;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The TCP ports that a process listens on, from Linux's proc(5): a line of {@code net/tcp} contains the inode of a
 * socket, and a link in {@code fd} shows that the process has it open.
 *
 * @param process its directory in proc; without proc every port counts as the process's own
 */
record ListeningPorts(Path process) {
    private static final String LISTEN = "0A";
    private static final int LOCAL = 1;
    private static final int STATE = 3;
    private static final int INODE = 9;
    private static final int HEX = 16;

    boolean isOurs(int port) throws IOException {
        if (!Files.isReadable(process.resolve("net/tcp"))) {
            return true;
        }
        Set<String> open = sockets();
        for (String table : List.of("net/tcp", "net/tcp6")) {
            Path file = process.resolve(table);
            if (Files.isReadable(file)
                    && Files.readAllLines(file).stream()
                            .map(line -> line.strip().split("\\s+"))
                            .anyMatch(row -> isListening(row, port) && open.contains("socket:[" + row[INODE] + "]"))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isListening(String[] row, int port) {
        return row.length > INODE
                && row[STATE].equals(LISTEN)
                && Integer.parseInt(row[LOCAL].substring(row[LOCAL].indexOf(':') + 1), HEX) == port;
    }

    private Set<String> sockets() throws IOException {
        try (Stream<Path> links = Files.list(process.resolve("fd"))) {
            return links.map(ListeningPorts::target).collect(Collectors.toSet());
        }
    }

    /** A link to a closed descriptor is ignored. */
    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            return "";
        }
    }
}
