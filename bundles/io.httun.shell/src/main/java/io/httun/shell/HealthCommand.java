// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.status.HealthChecks;
import io.httun.api.status.HealthReport;
import io.httun.api.status.Problem;
import io.httun.shell.health.Health;
import io.httun.toolkit.status.Json;
import java.util.List;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.support.CommandException;

@Service
@Command(
        scope = HttunCommand.SCOPE,
        name = "health",
        description = "Lists the problems of this process; fails if there is one, for scripts",
        detailedDescription = "Checks every part, the configurations and their files in etc/, and the endpoint in"
                + " Karaf's web server. Each problem has a remedy, and is listed until it is fixed.")
public final class HealthCommand extends HttunCommand {
    @Option(name = "--json", description = "Print JSON, an object for each problem")
    boolean json;

    @Option(
            name = "--live",
            description = "Only problems that nothing but a restart helps; a server that is drained has none")
    boolean live;

    @Override
    void run() throws CommandException {
        List<Problem> problems = new HealthReport(new Health(services())
                        .checks().stream()
                                .filter(check -> check.live() || !live)
                                .map(HealthChecks.Check::run)
                                .toList())
                .problems();
        if (json) {
            out.println(Json.write(problems));
        } else if (problems.isEmpty()) {
            out.println("Everything is as it is configured to be.");
        } else {
            problems.forEach(problem -> {
                out.println(Rows.cell(problem.part()) + ": " + Rows.cell(problem.what()));
                out.println("    remedy: " + Rows.cell(problem.remedy()));
            });
        }
        show();
        if (!problems.isEmpty()) {
            throw new CommandException(problems.size() + (problems.size() == 1 ? " problem" : " problems"));
        }
    }
}
