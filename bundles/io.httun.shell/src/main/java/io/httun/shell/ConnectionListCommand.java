// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.status.ConnectionStatus;
import io.httun.api.status.StatusSource;
import io.httun.shell.LiveConnections.Row;
import java.util.List;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.support.CommandException;

@Service
@Command(
        scope = HttunCommand.SCOPE,
        name = "connection-list",
        description = "Lists the open connections; with --closed the most recently ended and refused ones; with --live"
                + " continuously, until a key is pressed, or for 10 s without a terminal")
public final class ConnectionListCommand extends ListCommand<ConnectionStatus> {
    private static final int LONGEST = 60;
    /** Lines of the terminal outside the rows: the line above, the table's head, the line below, the cursor's line. */
    private static final int LINES_AROUND = 5;

    private static final int LINES_OTHERWISE = 20;

    @Option(name = "--closed", description = "The most recently ended and refused connections, with the cause")
    boolean closed;

    @Option(name = "--live", description = "Refresh the busiest connections until a key is pressed")
    boolean live;

    @Option(name = "--interval", description = "Seconds between refreshes of --live, 1 to 60")
    int interval = 2;

    private final LiveConnections looks = new LiveConnections();

    public ConnectionListCommand() {
        super(ConnectionStatus.class);
    }

    @Override
    void run() throws Exception {
        if (!live) {
            super.run();
            return;
        } else if (closed || json || interval < 1 || interval > LONGEST) {
            throw new CommandException("--live excludes --closed and --json, and --interval must be 1 to 60");
        }
        LiveScreen screen = new LiveScreen(session, isInteractive());
        screen.run(() -> draw(screen), () -> !isShellGone(), interval);
    }

    private void draw(LiveScreen screen) {
        List<Row> rows = looks.look(services().status(StatusSource::connections), System.nanoTime());
        int shown = Math.min(rows.size(), screen.room(LINES_AROUND, LINES_OTHERWISE));
        out.print(screen.clear());
        out.println(rows.size() + " connections, bytes per second, the busiest first; any key ends");
        Rows.table(out, Row.class, rows.subList(0, shown));
        if (shown < rows.size()) {
            out.println("and " + (rows.size() - shown) + " more");
        }
        show();
    }

    @Override
    List<ConnectionStatus> rows() {
        return services().status(closed ? StatusSource::closedConnections : StatusSource::connections);
    }
}
