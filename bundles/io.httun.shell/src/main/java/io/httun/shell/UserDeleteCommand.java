// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import java.nio.file.Path;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.support.CommandException;
import org.apache.karaf.shell.support.completers.FileCompleter;

@Service
@Command(scope = HttunCommand.SCOPE, name = "user-delete", description = "Removes a user from a listener's users file")
public final class UserDeleteCommand extends HttunCommand {
    @Argument(name = "FILE", description = "The listener's users.file", required = true)
    @Completion(FileCompleter.class)
    String file;

    @Argument(index = 1, name = "USER", description = "Name", required = true)
    String user;

    @Override
    void run() throws CommandException {
        Path path = session.currentDir().resolve(file);
        UsersFile users = UsersFile.read(path, true);
        if (!users.remove(user)) {
            throw new CommandException("No user " + user + " in " + path);
        }
        users.write();
        out.println("Removed " + user + " from " + path);
    }
}
