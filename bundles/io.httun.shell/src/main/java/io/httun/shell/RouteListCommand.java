// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.status.RouteStatus;
import io.httun.api.status.StatusSource;
import java.util.Comparator;
import java.util.List;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = HttunCommand.SCOPE,
        name = "route-list",
        description = "Lists the routes of TUN devices, and the exceptions outside the tunnel")
public final class RouteListCommand extends ListCommand<RouteStatus> {
    public RouteListCommand() {
        super(RouteStatus.class);
    }

    @Override
    List<RouteStatus> rows() {
        return services().status(StatusSource::routes).stream()
                .sorted(Comparator.comparing(RouteStatus::name))
                .toList();
    }
}
