// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.config;

import io.httun.api.config.ConfigException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Files that hold secrets, read by us so that no configuration has to hold one. */
public final class SecretFile {
    private static final Logger LOG = LoggerFactory.getLogger(SecretFile.class);
    private static final Set<PosixFilePermission> OTHERS = EnumSet.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE);

    private static final int MAX_WARNED = 256;

    /** As what a file was warned of: not again, however often it is read, until it has changed. */
    private static final Map<Path, List<Object>> WARNED = new ConcurrentHashMap<>();

    private SecretFile() {}

    /**
     * Reads the lines of a secret file, without blank lines and those starting with {@code #}. Warns when users other
     * than the owner may read or write it, once for each of its states.
     *
     * @param property property that names the file, for messages
     * @param file path as configured; at most 1 MiB of UTF-8
     * @throws ConfigException if it cannot be read, is too large or holds nothing
     */
    public static List<String> readLines(String property, String file) {
        List<String> lines = readText(property, file)
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .toList();
        if (lines.isEmpty()) {
            throw new ConfigException(property, file, "is empty");
        }
        return lines;
    }

    /**
     * Reads a secret file as it is, for messages that number its lines. Warns as {@link #readLines} does.
     *
     * @param property property that names the file, for messages
     * @param file path as configured; at most 1 MiB of UTF-8
     * @throws ConfigException if it cannot be read or is too large
     */
    public static String readText(String property, String file) {
        byte[] bytes = ConfiguredFile.read(property, file);
        warnIfShared(Path.of(file));
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static void warnIfShared(Path path) {
        try {
            Set<PosixFilePermission> open = EnumSet.copyOf(OTHERS);
            open.retainAll(Files.getPosixFilePermissions(path));
            List<Object> cause = List.of(open, Files.getLastModifiedTime(path));
            if (WARNED.size() >= MAX_WARNED) {
                WARNED.clear();
            }
            if (open.isEmpty()) {
                WARNED.remove(path);
            } else if (!cause.equals(WARNED.put(path, cause))) {
                LOG.warn("Secret file {} is open to other users ({}); run: chmod 600 {}", path, open, path);
            }
        } catch (UnsupportedOperationException e) {
            LOG.debug("No POSIX permissions on {}", path, e);
        } catch (IOException e) {
            LOG.debug("{} was replaced while it was read", path, e);
        }
    }
}
