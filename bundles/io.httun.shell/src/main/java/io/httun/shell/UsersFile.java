// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.config.ConfigException;
import io.httun.toolkit.config.AtomicFile;
import io.httun.toolkit.config.SecretFile;
import io.httun.toolkit.login.PasswordHash;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.karaf.shell.support.CommandException;

/** The users file of a listener: one {@code user:hash} per line, and comments, which are kept. */
final class UsersFile {
    private final Path file;
    private final List<String> lines;

    private UsersFile(Path file, List<String> lines) {
        this.file = file;
        this.lines = lines;
    }

    /** @param required whether the file must exist */
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

    /** Returns whether the user existed. */
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
        } else if (bytes.length == 0 || bytes.length > PasswordHash.MAX_BCRYPT_BYTES) {
            throw new CommandException(
                    "A password has 1 to " + PasswordHash.MAX_BCRYPT_BYTES + " bytes, this one has " + bytes.length);
        }
        lines.add(user + ':' + PasswordHash.bcrypt(bytes));
    }

    /** A listener reads the old file or the new one. */
    void write() throws CommandException {
        try {
            AtomicFile.replaceForOwner(
                    file, lines.stream().map(line -> line + '\n').collect(Collectors.joining()));
        } catch (IOException e) {
            throw new CommandException(
                    "Cannot write " + file + " (" + e.getClass().getSimpleName() + ": " + e.getMessage() + ")", e);
        }
    }
}
