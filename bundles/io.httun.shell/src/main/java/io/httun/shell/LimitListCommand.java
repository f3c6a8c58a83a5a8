// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.status.LimitStatus;
import io.httun.api.status.StatusSource;
import java.util.Comparator;
import java.util.List;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = HttunCommand.SCOPE,
        name = "limit-list",
        description = "Lists what is bounded, with how much of it is used")
public final class LimitListCommand extends ListCommand<LimitStatus> {
    public LimitListCommand() {
        super(LimitStatus.class);
    }

    @Override
    List<LimitStatus> rows() {
        return services().status(StatusSource::limits).stream()
                .sorted(Comparator.comparing(LimitStatus::part))
                .toList();
    }
}
