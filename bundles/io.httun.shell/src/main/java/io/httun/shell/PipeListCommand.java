// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.status.PipeStatus;
import io.httun.api.status.StatusSource;
import java.util.Comparator;
import java.util.List;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = HttunCommand.SCOPE,
        name = "pipe-list",
        description = "Lists the pipes between httun peers with their round trips")
public final class PipeListCommand extends ListCommand<PipeStatus> {
    public PipeListCommand() {
        super(PipeStatus.class);
    }

    @Override
    List<PipeStatus> rows() {
        return services().status(StatusSource::pipes).stream()
                .sorted(Comparator.comparing(PipeStatus::name))
                .toList();
    }
}
