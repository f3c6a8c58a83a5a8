// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.cluster.ClusterAnswer;
import io.httun.api.cluster.ClusterMember;
import io.httun.api.cluster.ClusterMembers;
import io.httun.api.status.StatusSource;
import java.util.ArrayList;
import java.util.List;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.support.CommandException;

@Service
@Command(
        scope = HttunCommand.SCOPE,
        name = "session-close",
        description =
                "Ends a session with its connection, in a cluster at any server; the client opens a new one on demand")
public final class SessionCloseCommand extends HttunCommand {
    @Argument(name = "ID", description = "Id of the session, from httun:session-list", required = true)
    @Completion(Completers.Sessions.class)
    String id;

    @Override
    void run() throws CommandException {
        for (StatusSource source : services().all(StatusSource.class)) {
            if (source.closeSession(id)) {
                out.println("Closed session " + id);
                return;
            }
        }
        List<String> failures = new ArrayList<>();
        for (ClusterMembers cluster : services().all(ClusterMembers.class)) {
            ClusterAnswer<ClusterMember> answer = cluster.askToClose(id).join();
            if (!answer.rows().isEmpty()) {
                ClusterMember member = answer.rows().get(0);
                out.println("Closed session " + id + " at node " + member.node() + " (" + member.name() + ")");
                return;
            }
            failures.addAll(answer.failures());
        }
        failures.add("see httun:session-list");
        throw new CommandException("No session " + id + "; " + String.join("; ", failures));
    }
}
