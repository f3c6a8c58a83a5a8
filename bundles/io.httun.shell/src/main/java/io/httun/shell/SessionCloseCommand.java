// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.status.StatusSource;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.support.CommandException;

@Service
@Command(
        scope = HttunCommand.SCOPE,
        name = "session-close",
        description = "Ends a session with its connection; the client opens a new one on demand")
public final class SessionCloseCommand extends HttunCommand {
    @Argument(name = "ID", description = "Id of the session, from httun:session-list", required = true)
    @Completion(Completers.Sessions.class)
    String id;

    @Override
    void run() throws CommandException {
        for (StatusSource source : services().all(StatusSource.class)) {
            if (source.closeSession(id)) {
                out.println("Closed session " + id);
                return;
            }
        }
        throw new CommandException("No session " + id + "; see httun:session-list");
    }
}
