// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.status.RuleStatus;
import io.httun.api.status.StatusSource;
import java.util.Comparator;
import java.util.List;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = HttunCommand.SCOPE,
        name = "rule-list",
        description = "Lists the rules of filters in order, with the number of decisions by each")
public final class RuleListCommand extends ListCommand<RuleStatus> {
    public RuleListCommand() {
        super(RuleStatus.class);
    }

    @Override
    List<RuleStatus> rows() {
        return services().status(StatusSource::rules).stream()
                .sorted(Comparator.comparing(RuleStatus::filter))
                .toList();
    }
}
