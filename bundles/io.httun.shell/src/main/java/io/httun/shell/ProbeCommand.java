// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.tunnel.PathProber;
import io.httun.api.tunnel.PathReport;
import io.httun.shell.access.UnknownName;
import io.httun.toolkit.status.Json;
import io.httun.toolkit.status.PathReportText;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.support.CommandException;

@Service
@Command(
        scope = HttunCommand.SCOPE,
        name = "probe",
        description = "Finds out what the path of a client to its server allows",
        detailedDescription =
                "Measures for about 3 s, in a session of its own: names, TLS, whether replies pass at once, the largest bodies,"
                        + " methods, headers, parallel requests, kept connections, round trip and rates; and prints which"
                        + " settings follow. With --idle, for 70 s, also after how much silence something closes the"
                        + " connections. A stock server answers no probes. Ctrl-C ends it.")
public final class ProbeCommand extends ArgumentCommand {
    @Argument(name = "CLIENT", description = "Name of a client channel", required = true)
    @Completion(Completers.Probers.class)
    String client;

    @Option(name = "--idle", description = "Find out after how much silence connections are closed; takes 70 s")
    boolean idle;

    @Option(name = "--json", description = "Print the result as JSON")
    boolean json;

    @Override
    void runWithOptions() throws CommandException, InterruptedException {
        PathProber prober = services()
                .named(PathProber.class, client)
                .orElseThrow(() -> new CommandException(
                        UnknownName.message("client channel", client, services().names(PathProber.class))));
        PathReport report = prober.probe(idle, this::tell);
        if (json) {
            out.println(Json.write(report));
        } else {
            PathReportText.lines(report).forEach(out::println);
        }
        if (!report.problem().isEmpty()) {
            throw new CommandException("The path does not work: " + report.problem());
        }
    }

    private void tell(String step) {
        if (!json) {
            out.println("... " + step);
            show();
        }
    }
}
