// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.status.ListenerStatus;
import io.httun.api.status.StatusSource;
import java.util.Comparator;
import java.util.List;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = HttunCommand.SCOPE,
        name = "listener-list",
        description = "Lists the local listeners (SOCKS, CONNECT, fixed ports)")
public final class ListenerListCommand extends ListCommand<ListenerStatus> {
    public ListenerListCommand() {
        super(ListenerStatus.class);
    }

    @Override
    List<ListenerStatus> rows() {
        return services().status(StatusSource::listeners).stream()
                .sorted(Comparator.comparing(ListenerStatus::name))
                .toList();
    }
}
