// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.cluster.ClusterAnswer;
import io.httun.api.cluster.ClusterMembers;
import io.httun.api.status.SessionStatus;
import io.httun.api.status.StatusSource;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = HttunCommand.SCOPE,
        name = "session-list",
        description = "Lists the sessions of all channels, in a cluster those of all servers",
        detailedDescription =
                "A server of the cluster that does not answer within 2 s is named below the table, and in the column"
                        + " Failure of the nodes in httun:status, which --json shows, too.")
public final class SessionListCommand extends ListCommand<SessionStatus> {
    private List<String> failures = List.of();

    public SessionListCommand() {
        super(SessionStatus.class);
    }

    @Override
    List<SessionStatus> rows() {
        List<ClusterAnswer<SessionStatus>> elsewhere = services().all(ClusterMembers.class).stream()
                .map(cluster -> cluster.askSessions().join())
                .toList();
        failures = elsewhere.stream().flatMap(each -> each.failures().stream()).toList();
        return Stream.concat(
                        services().status(StatusSource::sessions).stream(),
                        elsewhere.stream().flatMap(each -> each.rows().stream()))
                .sorted(Comparator.comparing(SessionStatus::channel).thenComparing(SessionStatus::node))
                .toList();
    }

    @Override
    void run() throws Exception {
        super.run();
        if (!json) {
            failures.forEach(out::println);
        }
    }
}
