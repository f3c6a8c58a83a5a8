// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.config.ConfigException;
import io.httun.shell.access.Configurations;
import io.httun.shell.stock.StockImport;
import io.httun.shell.stock.StockImport.End;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.support.completers.FileCompleter;

@Service
@Command(
        scope = HttunCommand.SCOPE,
        name = "import",
        description = "Takes over the server.toml or client.toml of the stock httun program",
        detailedDescription =
                "Writes a channel or client for each of its channels into etc/, with key files, filters, connectors and TUN"
                        + " devices as they need them: all files or none. What cannot be expressed stays in them as"
                        + " comments and is listed.")
public final class ImportCommand extends AccessCommand {
    @Argument(name = "FILE", description = "The stock program's configuration", required = true)
    @Completion(FileCompleter.class)
    String file;

    @Option(name = "--server", description = "The file is a server's (default: its options tell)")
    boolean server;

    @Option(name = "--client", description = "The file is a client's")
    boolean client;

    @Override
    void access() {
        if (server && client) {
            throw new ConfigException("--server and --client: a file is of one end only");
        }
        Optional<End> end = server ? Optional.of(End.SERVER) : client ? Optional.of(End.CLIENT) : Optional.empty();
        StockImport.Result result = StockImport.run(session.currentDir().resolve(file), etc, end, takenIds());
        result.written().forEach(path -> out.println("wrote " + path));
        if (!result.notes().isEmpty()) {
            out.println("to look at:");
            result.notes().forEach(note -> out.println("  " + note));
        }
        out.println(
                result.end() == End.SERVER
                        ? "see httun:channel-list; clients need nothing new"
                        : "see httun:channel-list; a listener is still needed, with connector.target = (name=NAME):"
                                + " etc/httun/io.httun.listener.socks-home.cfg.example");
    }

    private Map<Integer, String> takenIds() {
        Map<Integer, String> taken = new HashMap<>();
        Configurations.ofChannels(services())
                .all()
                .filter(each -> Configurations.value(each, "id").matches("[0-9]{1,5}"))
                .forEach(each -> taken.put(
                        Integer.parseInt(Configurations.value(each, "id")), Configurations.value(each, "name")));
        return taken;
    }
}
