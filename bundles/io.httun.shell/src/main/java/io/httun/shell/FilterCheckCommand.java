// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.HttunException;
import io.httun.toolkit.status.Json;
import io.httun.toolkit.target.FilterCheck;
import java.util.List;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.support.CommandException;

@Service
@Command(
        scope = HttunCommand.SCOPE,
        name = "filter-check",
        description = "Shows whether filters allow a target, and the reason of a denial",
        detailedDescription = "Checks as for a new connection: the name first, then each of its addresses."
                + " Without --channel and --filter it uses the filter named default, as a channel without"
                + " configured filters does.")
public final class FilterCheckCommand extends ArgumentCommand {
    @Argument(name = "TARGET", description = "HOST:PORT, an IPv6 address in brackets", required = true)
    String target;

    @Option(name = "--channel", description = "Use the filters of this server channel")
    @Completion(Completers.ServerChannels.class)
    String channel;

    @Option(name = "--filter", description = "Use this filter; may be given several times", multiValued = true)
    @Completion(Completers.Filters.class)
    List<String> filters;

    @Option(name = "--user", description = "Check for a connection of this user")
    String user;

    @Option(name = "--json", description = "Print JSON")
    boolean json;

    @Override
    void runWithOptions() throws CommandException, InterruptedException {
        List<String> asked = asked();
        FilterCheck check = check(asked);
        if (json) {
            out.println(Json.write(check));
            return;
        }
        String by = asked.isEmpty() ? "no filter" : "filters: " + String.join(", ", asked);
        if (check.allowed()) {
            out.println(check.target() + " is allowed (" + by + ")");
            check.addresses().forEach(address -> out.println("  " + address));
        } else {
            out.println(check.target() + " is refused (" + by + "): " + check.reason());
        }
        check.rulings().forEach(ruling -> out.println("  " + ruling));
    }

    private FilterCheck check(List<String> asked) throws CommandException, InterruptedException {
        try {
            return FilterCheck.of(services(), target, asked, user == null ? "" : user);
        } catch (HttunException e) {
            throw new CommandException(e.getMessage(), e);
        }
    }

    private List<String> asked() throws CommandException {
        boolean named = filters != null && !filters.isEmpty();
        if (named && channel != null) {
            throw new CommandException("Give --channel or --filter, not both");
        }
        if (channel != null) {
            return ChannelFilters.of(services(), channel);
        }
        return named ? List.copyOf(filters) : ChannelFilters.UNCONFIGURED;
    }
}
