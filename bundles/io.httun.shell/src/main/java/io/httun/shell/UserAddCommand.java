// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.config.ConfigException;
import io.httun.toolkit.config.SecretFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
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
        name = "user-add",
        description = "Adds a user to a listener's users file, or changes the password",
        detailedDescription = "The file contains a bcrypt hash. Listeners reload it automatically.")
public final class UserAddCommand extends HttunCommand {
    @Argument(name = "FILE", description = "The listener's users.file", required = true)
    @Completion(FileCompleter.class)
    String file;

    @Argument(index = 1, name = "USER", description = "Name, without colon", required = true)
    String user;

    @Argument(index = 2, name = "OPTIONS", multiValued = true, description = "Options are allowed here too")
    List<String> late;

    @Option(
            name = "--password-file",
            description = "File with the password in its first line; without it the command asks")
    String passwordFile = "";

    @Override
    void run() throws Exception {
        LateOptions.set(this, late);
        Path path = session.currentDir().resolve(file);
        UsersFile users = UsersFile.read(path, false);
        boolean known = users.remove(user);
        users.add(user, password());
        users.write();
        out.println((known ? "Changed the password of " : "Added ") + user + " in " + path);
    }

    private String password() throws CommandException, IOException {
        if (passwordFile.isEmpty()) {
            String line = session.readLine("Password: ", '*');
            return line == null ? "" : line;
        }
        try {
            Path path = session.currentDir().resolve(passwordFile);
            return SecretFile.readLines("--password-file", path.toString()).get(0);
        } catch (ConfigException e) {
            throw new CommandException(e.getMessage(), e);
        }
    }
}
