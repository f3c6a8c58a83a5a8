// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.config;

import io.httun.api.config.ConfigException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** A file that a configuration names. A read registers it with the reader of the configuration, which watches it ({@link WatchedFiles}). */
public final class ConfiguredFile {
    private static final int MAX_BYTES = 1 << 20;

    private ConfiguredFile() {}

    /**
     * Reads a file.
     *
     * @param property property that names the file, for messages
     * @param file path as configured; at most 1 MiB
     * @throws ConfigException if it cannot be read or is too large
     */
    public static byte[] read(String property, String file) {
        Path path = path(property, file);
        WatchedFiles.note(path);
        byte[] bytes;
        try (InputStream in = Files.newInputStream(path)) {
            bytes = in.readNBytes(MAX_BYTES + 1);
        } catch (IOException e) {
            throw new ConfigException(
                    property, file, "cannot be read (" + e.getClass().getSimpleName() + ")");
        }
        if (bytes.length > MAX_BYTES) {
            throw new ConfigException(property, file, "is larger than " + MAX_BYTES + " bytes");
        }
        return bytes;
    }

    /** @throws ConfigException if it is no name of a file */
    static Path path(String property, String file) {
        try {
            return Path.of(file);
        } catch (InvalidPathException e) {
            throw new ConfigException(property, file, "is not a file name (" + e.getReason() + ")");
        }
    }
}
