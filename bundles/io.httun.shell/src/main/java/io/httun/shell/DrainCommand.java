// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.config.ConfigException;
import io.httun.api.status.DrainStatus;
import io.httun.api.status.StatusSource;
import io.httun.api.tunnel.ServerDrain;
import io.httun.toolkit.config.Quantity;
import java.time.Duration;
import java.util.List;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.support.CommandException;

@Service
@Command(
        scope = HttunCommand.SCOPE,
        name = "drain",
        description = "Takes the server out of service without cutting anything, as before an upgrade",
        detailedDescription =
                "New sessions are refused, so that clients with several urls go to another server, and the health says"
                        + " \"draining\". What is there goes on, and is reset after --for. httun:status shows how much"
                        + " is left.")
public final class DrainCommand extends HttunCommand {
    private static final String DEFAULT = "10m";

    @Option(name = "--for", description = "Until what remains is reset, such as 90s or 2h (default 10m)")
    String period;

    @Option(
            name = "--end",
            aliases = {"--cancel"},
            description = "Take new sessions again")
    boolean end;

    @Override
    void run() throws CommandException {
        if (end && period != null) {
            throw new CommandException("Give --for or --end, not both");
        }
        Duration time = period();
        List<ServerDrain> servers = services().all(ServerDrain.class);
        if (servers.isEmpty()) {
            throw new CommandException("No server runs here: install the feature httun-server, or see httun:health");
        }
        servers.forEach(server -> {
            if (end) {
                server.serve();
            } else {
                server.drain(time);
            }
        });
        Rows.table(out, DrainStatus.class, services().status(StatusSource::drains));
    }

    private Duration period() throws CommandException {
        try {
            return Quantity.duration("--for", period == null ? DEFAULT : period);
        } catch (ConfigException e) {
            throw new CommandException(e.getMessage(), e);
        }
    }
}
