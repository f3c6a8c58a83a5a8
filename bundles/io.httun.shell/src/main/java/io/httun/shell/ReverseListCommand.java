// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.status.ReverseStatus;
import io.httun.api.status.StatusSource;
import java.util.Comparator;
import java.util.List;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = HttunCommand.SCOPE,
        name = "reverse-list",
        description = "Lists the ports at servers whose connections go to a client's side")
public final class ReverseListCommand extends ListCommand<ReverseStatus> {
    public ReverseListCommand() {
        super(ReverseStatus.class);
    }

    @Override
    List<ReverseStatus> rows() {
        return services().status(StatusSource::reverses).stream()
                .sorted(Comparator.comparing(ReverseStatus::listen))
                .toList();
    }
}
