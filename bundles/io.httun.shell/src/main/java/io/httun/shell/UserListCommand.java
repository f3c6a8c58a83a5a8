// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.support.CommandException;
import org.apache.karaf.shell.support.completers.FileCompleter;

@Service
@Command(scope = HttunCommand.SCOPE, name = "user-list", description = "Lists the users in a listener's users file")
public final class UserListCommand extends HttunCommand {
    @Argument(name = "FILE", description = "The listener's users.file", required = true)
    @Completion(FileCompleter.class)
    String file;

    @Override
    void run() throws CommandException {
        UsersFile.read(session.currentDir().resolve(file), true).users().forEach(out::println);
    }
}
