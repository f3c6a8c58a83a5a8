// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.access;

import io.httun.api.config.ConfigException;
import io.httun.toolkit.config.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** New files that belong together: {@link #write} makes all of them, or none. None of them may be there already. */
public final class StagedFiles {
    private static final Logger LOG = LoggerFactory.getLogger(StagedFiles.class);

    private record Content(String text, boolean ownerOnly) {}

    private final Map<Path, Content> files = new LinkedHashMap<>();
    private final List<Path> made = new ArrayList<>();

    /** A file that other users may read. */
    public StagedFiles add(Path file, String text) {
        files.put(file, new Content(text, false));
        return this;
    }

    /** A file for its owner only. */
    public StagedFiles addSecret(Path file, String text) {
        files.put(file, new Content(text, true));
        return this;
    }

    /** In the order in which they are made: a file that names another one comes behind it. */
    public List<Path> paths() {
        return List.copyOf(files.keySet());
    }

    /**
     * Makes the files.
     *
     * @throws ConfigException saying which one is there or cannot be written; then none has been made
     */
    public void write() {
        for (Path file : files.keySet()) {
            if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                throw new ConfigException(file
                        + " is there already, and nothing was written: take another name, or move" + " that file away");
            }
        }
        Map<Path, Path> fresh = new LinkedHashMap<>();
        boolean done = false;
        Path current = null;
        try {
            for (Map.Entry<Path, Content> file : files.entrySet()) {
                current = file.getKey();
                Files.createDirectories(current.toAbsolutePath().getParent());
                fresh.put(
                        current,
                        AtomicFile.stage(
                                current, file.getValue().text(), file.getValue().ownerOnly()));
            }
            for (Map.Entry<Path, Path> move : fresh.entrySet()) {
                current = move.getKey();
                Files.move(move.getValue(), current);
                made.add(current);
            }
            done = true;
        } catch (IOException e) {
            throw new ConfigException(current + " cannot be written, and nothing was ("
                    + e.getClass().getSimpleName() + ": " + e.getMessage()
                    + "): check the folder's permissions and the room on the disk");
        } finally {
            fresh.values().forEach(StagedFiles::delete);
            if (!done) {
                undo();
            }
        }
    }

    /** Takes away what {@link #write} has made. */
    public void undo() {
        made.forEach(StagedFiles::delete);
        made.clear();
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.warn("{} cannot be deleted: {}", file, e.toString());
        }
    }
}
