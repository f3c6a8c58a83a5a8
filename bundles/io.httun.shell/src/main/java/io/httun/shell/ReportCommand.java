// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.HttunException;
import io.httun.shell.report.ReportFile;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.support.CommandException;
import org.apache.karaf.shell.support.completers.FileCompleter;

@Service
@Command(
        scope = HttunCommand.SCOPE,
        name = "report",
        description = "Packs what helps to find a fault into one file, without secrets",
        detailedDescription =
                "A zip file with versions, configuration, health, status, the end of the log and a probe of each client."
                        + " Secrets are replaced by ***; names and addresses stay, so look at it before you send it.")
public final class ReportCommand extends HttunCommand {
    @Option(name = "--file", description = "File to write (default: httun-report-TIME.zip in the current folder)")
    @Completion(FileCompleter.class)
    String file = "";

    Path etc = Path.of(System.getProperty("karaf.etc", "etc"));
    Path log = Path.of(System.getProperty("karaf.log", "data/log"), "karaf.log");

    @Override
    void run() throws CommandException, InterruptedException {
        String name = file.isEmpty()
                ? "httun-report-" + LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss")) + ".zip"
                : file;
        Path path = session.currentDir() == null
                ? Path.of(name)
                : session.currentDir().resolve(name);
        try {
            new ReportFile(services(), etc, log, this::tell).write(path);
        } catch (HttunException e) {
            throw new CommandException(e.getMessage(), e);
        }
        out.println(
                "wrote " + path.toAbsolutePath() + "; look at it before you send it: names and addresses are in it");
    }

    private void tell(String step) {
        out.println("... " + step);
        show();
    }
}
