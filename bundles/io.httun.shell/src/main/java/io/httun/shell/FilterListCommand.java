// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.status.FilterStatus;
import io.httun.api.status.StatusSource;
import java.util.Comparator;
import java.util.List;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = HttunCommand.SCOPE,
        name = "filter-list",
        description = "Lists the target filters, with their allowed and denied targets")
public final class FilterListCommand extends ListCommand<FilterStatus> {
    public FilterListCommand() {
        super(FilterStatus.class);
    }

    @Override
    List<FilterStatus> rows() {
        return services().status(StatusSource::filters).stream()
                .sorted(Comparator.comparing(FilterStatus::name))
                .toList();
    }
}
