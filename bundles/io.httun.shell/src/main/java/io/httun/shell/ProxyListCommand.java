// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.status.StatusSource;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = HttunCommand.SCOPE,
        name = "proxy-list",
        description = "Lists the proxies: listeners (in), and upstream proxies of connectors (out)")
public final class ProxyListCommand extends ListCommand<ProxyListCommand.ProxyRow> {
    private static final Set<String> KINDS = Set.of("socks", "connect");

    /**
     * A proxy listener, or an upstream proxy; failures are its refusals, or the connections that failed because of
     * it.
     */
    record ProxyRow(
            String way,
            String name,
            String kind,
            String address,
            String user,
            String state,
            long connections,
            long failures) {}

    public ProxyListCommand() {
        super(ProxyRow.class);
    }

    @Override
    List<ProxyRow> rows() {
        Stream<ProxyRow> in = services().status(StatusSource::listeners).stream()
                .filter(listener -> KINDS.contains(listener.kind()))
                .map(listener -> new ProxyRow(
                        "in",
                        listener.name(),
                        listener.kind(),
                        listener.address(),
                        "",
                        listener.state(),
                        listener.connections(),
                        listener.refused()));
        Stream<ProxyRow> out = services().status(StatusSource::proxies).stream()
                .map(proxy -> new ProxyRow(
                        "out",
                        proxy.name(),
                        proxy.kind(),
                        proxy.address(),
                        proxy.connector(),
                        proxy.state(),
                        proxy.connections(),
                        proxy.failures()));
        return Stream.concat(in, out)
                .sorted(Comparator.comparing(ProxyRow::way).thenComparing(ProxyRow::name))
                .toList();
    }
}
