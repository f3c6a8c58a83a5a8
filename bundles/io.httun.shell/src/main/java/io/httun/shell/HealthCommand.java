// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.KeyAgreement;
import io.httun.api.status.Json;
import io.httun.api.status.StatusSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.support.CommandException;

@Service
@Command(
        scope = HttunCommand.SCOPE,
        name = "health",
        description = "Lists what is not as it is configured to be; fails if there is anything, for scripts")
public final class HealthCommand extends HttunCommand {
    private static final Set<String> LISTENING = Set.of("listening", "mounted");

    @Option(name = "--json", description = "Print JSON, an object for each problem")
    boolean json;

    /** Something that does not work, in words of its own. */
    record Problem(String part, String name, String problem) {}

    @Override
    void run() throws CommandException {
        List<Problem> problems = problems();
        if (json) {
            out.println(Json.write(problems));
        } else if (problems.isEmpty()) {
            out.println("Everything is as it is configured to be.");
        } else {
            Rows.table(out, Problem.class, problems);
        }
        show();
        if (!problems.isEmpty()) {
            throw new CommandException(problems.size() + (problems.size() == 1 ? " problem" : " problems"));
        }
    }

    private List<Problem> problems() {
        Services services = services();
        List<Problem> found = new ArrayList<>(new Components(services).problems());
        for (Class<?> type : List.of(FrameCipher.class, KeyAgreement.class)) {
            if (services.providers(type).isEmpty()) {
                found.add(new Problem("crypto", type.getSimpleName(), "there is none: start a bundle io.httun.crypto"));
            }
        }
        services.status(StatusSource::endpoints).stream()
                .filter(endpoint -> !endpoint.state().equals("open"))
                .forEach(endpoint -> found.add(
                        new Problem("endpoint", endpoint.name(), endpoint.address() + ": " + endpoint.state())));
        services.status(StatusSource::listeners).stream()
                .filter(listener -> !LISTENING.contains(listener.state()))
                .forEach(listener -> found.add(
                        new Problem("listener", listener.name(), listener.address() + ": " + listener.state())));
        services.status(StatusSource::channels).stream()
                .filter(channel -> channel.state().startsWith("unreachable"))
                .forEach(channel -> found.add(new Problem("client", channel.name(), channel.state())));
        services.status(StatusSource::proxies).stream()
                .filter(proxy -> proxy.state().equals("dead"))
                .forEach(proxy -> found.add(
                        new Problem("proxy", proxy.name(), proxy.address() + " has failed and is left out for now")));
        services.status(StatusSource::tuns).stream()
                .filter(tun -> !tun.problem().isEmpty())
                .forEach(tun -> found.add(new Problem("tun", tun.name(), tun.problem())));
        return found;
    }
}
