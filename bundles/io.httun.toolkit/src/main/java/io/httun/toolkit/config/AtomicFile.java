// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Writes a file beside its place and moves it there: a reader sees the old content or the new one, never a part. */
public final class AtomicFile {
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    private AtomicFile() {}

    /** Replaces a file, or makes it; its permissions stay as they were. A new one is for its owner only. */
    public static void replace(Path file, String content) throws IOException {
        Path target = file.toAbsolutePath();
        Path fresh = stage(target, content, true);
        try {
            if (Files.exists(target) && isPosix(target)) {
                Files.setPosixFilePermissions(fresh, Files.getPosixFilePermissions(target));
            }
            Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    /**
     * Makes a file for its owner only.
     *
     * @throws java.nio.file.FileAlreadyExistsException if there is one; it stays as it is
     */
    public static void create(Path file, String content) throws IOException {
        Path fresh = stage(file, content, true);
        try {
            Files.move(fresh, file.toAbsolutePath());
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    /** Creates or replaces a file that only its owner can read, regardless of the mode before. */
    public static void replaceForOwner(Path file, String content) throws IOException {
        Path fresh = stage(file, content, true);
        try {
            Files.move(
                    fresh, file.toAbsolutePath(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    /**
     * Writes the content of a file to another one beside it, which the caller moves into place.
     *
     * @param ownerOnly whether only the owner may read it; otherwise it has the default mode of new files
     */
    public static Path stage(Path file, String content, boolean ownerOnly) throws IOException {
        Path target = file.toAbsolutePath();
        Path folder = target.getParent();
        Path fresh = ownerOnly && isPosix(target)
                ? Files.createTempFile(folder, ".new", "", PosixFilePermissions.asFileAttribute(OWNER_ONLY))
                : newFile(folder);
        boolean done = false;
        try {
            Files.writeString(fresh, content, StandardCharsets.UTF_8);
            done = true;
            return fresh;
        } finally {
            if (!done) {
                Files.deleteIfExists(fresh);
            }
        }
    }

    /** Unlike those of {@link Files#createTempFile}, its permissions follow the umask. */
    private static Path newFile(Path folder) throws IOException {
        Path name = Files.createTempFile(folder, ".new", "");
        Files.delete(name);
        return Files.createFile(name);
    }

    private static boolean isPosix(Path file) {
        return file.getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}
