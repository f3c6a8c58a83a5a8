// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.status.RefusalStatus;
import io.httun.api.status.StatusSource;
import java.util.Comparator;
import java.util.List;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = HttunCommand.SCOPE,
        name = "refusal-list",
        description = "Lists how often something was refused, by cause")
public final class RefusalListCommand extends ListCommand<RefusalStatus> {
    public RefusalListCommand() {
        super(RefusalStatus.class);
    }

    @Override
    List<RefusalStatus> rows() {
        return services().status(StatusSource::refusals).stream()
                .sorted(Comparator.comparing(RefusalStatus::cause))
                .toList();
    }
}
