// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.status.StatusSource;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.support.CommandException;

@Service
@Command(scope = HttunCommand.SCOPE, name = "connection-close", description = "Resets both sides of a connection")
public final class ConnectionCloseCommand extends HttunCommand {
    @Argument(name = "ID", description = "Id of the connection, from httun:connection-list", required = true)
    @Completion(Completers.Connections.class)
    String id;

    @Override
    void run() throws CommandException {
        for (StatusSource source : services().all(StatusSource.class)) {
            if (source.closeConnection(id)) {
                out.println("Closed connection " + id);
                return;
            }
        }
        throw new CommandException("No open connection " + id + "; see httun:connection-list");
    }
}
