// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.status.StatusSource;
import io.httun.api.status.StatusSource.RuleStatus;
import java.util.Comparator;
import java.util.List;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = HttunCommand.SCOPE,
        name = "rule-list",
        description = "Lists the rules of filters in their order, with how often each decided")
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
