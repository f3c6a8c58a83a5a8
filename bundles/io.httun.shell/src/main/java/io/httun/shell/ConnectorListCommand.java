// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.status.ConnectorStatus;
import io.httun.api.status.StatusSource;
import java.util.Comparator;
import java.util.List;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = HttunCommand.SCOPE,
        name = "connector-list",
        description = "Lists the connectors, and what they connect through")
public final class ConnectorListCommand extends ListCommand<ConnectorStatus> {
    public ConnectorListCommand() {
        super(ConnectorStatus.class);
    }

    @Override
    List<ConnectorStatus> rows() {
        return services().status(StatusSource::connectors).stream()
                .sorted(Comparator.comparing(ConnectorStatus::name))
                .toList();
    }
}
