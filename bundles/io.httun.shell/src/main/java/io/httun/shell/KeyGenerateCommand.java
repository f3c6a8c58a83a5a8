// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.crypto.SharedSecret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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
        description = "Writes a new shared secret to a file that only its owner can read",
        detailedDescription = "The file holds 64 hex digits and is named by the property secret.file on both ends of"
                + " a channel. The secret itself is never printed.")
public final class KeyGenerateCommand extends ArgumentCommand {
    @Argument(name = "FILE", description = "File to write, for example etc/httun/home.key", required = true)
    @Completion(FileCompleter.class)
    String file;

    @Option(name = "--force", description = "Overwrite the file. Whoever uses its old secret is cut off")
    boolean force;

    @Override
    void runWithOptions() throws CommandException {
        Path path = session.currentDir().resolve(file);
        try {
            if (!force && Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                throw new FileAlreadyExistsException(path.toString());
            }
            write(path);
        } catch (FileAlreadyExistsException e) {
            throw new CommandException(path + " exists and was left as it is; overwrite it with --force", e);
        } catch (IOException | UnsupportedOperationException e) {
            throw new CommandException(
                    "Cannot write " + path + " (" + e.getClass().getSimpleName() + ": " + e.getMessage() + ")", e);
        }
        out.println(
                "Wrote a new secret to " + path + ". Copy it to the other end of the channel by a safe way, and name"
                        + " it in both configurations: secret.file = " + path);
    }

    /** Made aside and moved into place, so that no one ever sees half a secret or one that is open to others. */
    private void write(Path path) throws IOException {
        Path target = path.toAbsolutePath();
        Path fresh = Files.createTempFile(target.getParent(), ".key", "", UsersFile.ownerOnly(target));
        try {
            Files.writeString(fresh, newSecret() + "\n", StandardCharsets.US_ASCII);
            if (force) {
                Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } else {
                Files.move(fresh, target);
            }
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    private static String newSecret() {
        byte[] secret = new byte[SharedSecret.LENGTH];
        new SecureRandom().nextBytes(secret);
        return HexFormat.of().formatHex(secret);
    }
}
