// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.status.StatusSource;
import io.httun.api.status.StatusSource.ConnectionStatus;
import java.util.List;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = HttunCommand.SCOPE,
        name = "connection-list",
        description = "Lists the connections to targets, or with --closed the last ones that ended or were refused")
public final class ConnectionListCommand extends ListCommand<ConnectionStatus> {
    @Option(name = "--closed", description = "The last connections that ended or were refused, with the cause")
    boolean closed;

    public ConnectionListCommand() {
        super(ConnectionStatus.class);
    }

    @Override
    List<ConnectionStatus> rows() {
        return services().status(closed ? StatusSource::closedConnections : StatusSource::connections);
    }
}
