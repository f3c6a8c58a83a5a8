// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.status.EndpointStatus;
import io.httun.api.status.StatusSource;
import java.util.Comparator;
import java.util.List;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = HttunCommand.SCOPE,
        name = "endpoint-list",
        description = "Lists the endpoints, which receive the requests of clients")
public final class EndpointListCommand extends ListCommand<EndpointStatus> {
    public EndpointListCommand() {
        super(EndpointStatus.class);
    }

    @Override
    List<EndpointStatus> rows() {
        return services().status(StatusSource::endpoints).stream()
                .sorted(Comparator.comparing(EndpointStatus::name))
                .toList();
    }
}
