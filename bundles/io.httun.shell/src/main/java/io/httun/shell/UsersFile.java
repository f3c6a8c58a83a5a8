// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.config.ConfigException;
import io.httun.api.config.SecretFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.apache.karaf.shell.support.CommandException;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;

/** The file that a listener's {@code users.file} names: one {@code user:hash} a line, and comments, which stay. */
final class UsersFile {
    /** What bcrypt takes; it would ignore the rest. */
    private static final int MAX_PASSWORD = 72;

    private static final int COST = 11;
    private static final int SALT = 16;

    private final Path file;
    private final List<String> lines;

    private UsersFile(Path file, List<String> lines) {
        this.file = file;
        this.lines = lines;
    }

    /** @param required whether it must be there already */
    static UsersFile read(Path file, boolean required) throws CommandException {
        if (!required && !Files.exists(file)) {
            return new UsersFile(file, new ArrayList<>());
        }
        try {
            return new UsersFile(
                    file,
                    new ArrayList<>(
                            SecretFile.readText("FILE", file.toString()).lines().toList()));
        } catch (ConfigException e) {
            throw new CommandException(e.getMessage(), e);
        }
    }

    List<String> users() {
        return lines.stream()
                .filter(line -> !line.startsWith("#") && line.indexOf(':') > 0)
                .map(line -> line.substring(0, line.indexOf(':')))
                .toList();
    }

    /** Whether there was such a user. */
    boolean remove(String user) {
        return lines.removeIf(line -> line.startsWith(user + ':'));
    }

    void add(String user, String password) throws CommandException {
        byte[] bytes = password.getBytes(StandardCharsets.UTF_8);
        if (user.isEmpty()
                || user.startsWith("#")
                || user.chars().anyMatch(c -> c == ':' || Character.isISOControl(c))) {
            throw new CommandException(
                    "A user's name must not be empty, start with # or hold ':' or control characters");
        } else if (bytes.length == 0 || bytes.length > MAX_PASSWORD) {
            throw new CommandException("A password has 1 to " + MAX_PASSWORD + " bytes, this one has " + bytes.length);
        }
        byte[] salt = new byte[SALT];
        new SecureRandom().nextBytes(salt);
        lines.add(user + ':' + OpenBSDBCrypt.generate("2b", bytes, salt, COST));
    }

    /** Made aside and moved into place: a listener that reads it meanwhile sees the old one or the new one. */
    void write() throws CommandException {
        Path target = file.toAbsolutePath();
        try {
            Path fresh = Files.createTempFile(target.getParent(), ".users", "", ownerOnly(target));
            try {
                Files.write(fresh, lines, StandardCharsets.UTF_8);
                Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(fresh);
            }
        } catch (IOException e) {
            throw new CommandException(
                    "Cannot write " + file + " (" + e.getClass().getSimpleName() + ": " + e.getMessage() + ")", e);
        }
    }

    static FileAttribute<?>[] ownerOnly(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }
}
