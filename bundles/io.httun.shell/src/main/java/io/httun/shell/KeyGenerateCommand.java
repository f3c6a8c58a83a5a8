// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.crypto.SharedSecret;
import io.httun.toolkit.config.AtomicFile;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.support.CommandException;
import org.apache.karaf.shell.support.completers.FileCompleter;

@Service
@Command(
        scope = HttunCommand.SCOPE,
        name = "key-generate",
        description = "Writes a new shared secret to a file with mode 0600",
        detailedDescription = "The file contains 64 hex digits; set secret.file to it on both ends of"
                + " a channel. The secret is never printed.")
public final class KeyGenerateCommand extends ArgumentCommand {
    @Argument(name = "FILE", description = "File to write, for example etc/httun/home.key", required = true)
    @Completion(FileCompleter.class)
    String file;

    @Option(name = "--force", description = "Overwrite the file; peers with the old secret lose their connection")
    boolean force;

    @Override
    void runWithOptions() throws CommandException {
        Path path = session.currentDir().resolve(file);
        try {
            if (force) {
                AtomicFile.replaceForOwner(path, newSecret() + "\n");
            } else {
                AtomicFile.create(path, newSecret() + "\n");
            }
        } catch (FileAlreadyExistsException e) {
            throw new CommandException(path + " exists and is unchanged; overwrite it with --force", e);
        } catch (IOException | UnsupportedOperationException e) {
            throw new CommandException(
                    "Cannot write " + path + " (" + e.getClass().getSimpleName() + ": " + e.getMessage() + ")", e);
        }
        out.println("Wrote a new secret to " + path
                + ". Copy it to the other end of the channel over a secure connection, and set"
                + " in both configurations: secret.file = " + path);
    }

    private static String newSecret() {
        byte[] secret = new byte[SharedSecret.LENGTH];
        new SecureRandom().nextBytes(secret);
        return HexFormat.of().formatHex(secret);
    }
}
