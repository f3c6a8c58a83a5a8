// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.status.StatusSource;
import io.httun.api.status.StatusSource.RouteStatus;
import java.util.Comparator;
import java.util.List;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = HttunCommand.SCOPE,
        name = "route-list",
        description = "Lists the routes made for TUN devices, and what they keep outside")
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
