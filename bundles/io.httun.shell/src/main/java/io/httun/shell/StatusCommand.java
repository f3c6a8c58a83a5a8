// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.cluster.ClusterMembers;
import io.httun.api.crypto.FrameCipher;
import io.httun.api.crypto.KeyAgreement;
import io.httun.api.status.ChannelStatus;
import io.httun.api.status.DrainStatus;
import io.httun.api.status.EndpointStatus;
import io.httun.api.status.ListenerStatus;
import io.httun.api.status.NodeStatus;
import io.httun.api.status.StatusSource;
import io.httun.toolkit.status.CryptoProvider;
import io.httun.toolkit.status.Json;
import java.util.List;
import java.util.stream.Stream;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = HttunCommand.SCOPE,
        name = "status",
        description = "Shows at a glance what is there: endpoints, channels, listeners, crypto providers, totals")
public final class StatusCommand extends HttunCommand {
    @Option(name = "--json", description = "Print JSON, with a field for every column")
    boolean json;

    @Option(name = "--all", description = "With --json: everything that every other list shows, in one object")
    boolean all;

    /** Everything that is shown. */
    record Overview(
            List<EndpointStatus> endpoints,
            List<ChannelStatus> channels,
            List<DrainStatus> drains,
            List<NodeStatus> nodes,
            List<ListenerStatus> listeners,
            List<CryptoProvider> cryptoProviders,
            List<TrafficTotals> totals) {}

    @Override
    void run() {
        if (json && all) {
            services().all(ClusterMembers.class).forEach(cluster -> cluster.askSessions()
                    .join());
            out.println(Json.write(services().snapshot()));
            return;
        }
        Overview overview = overview();
        if (json) {
            out.println(Json.write(overview));
            return;
        }
        show("Endpoints", EndpointStatus.class, overview.endpoints());
        show("Channels", ChannelStatus.class, overview.channels());
        if (!overview.drains().isEmpty()) {
            show("Server (httun:drain)", DrainStatus.class, overview.drains());
        }
        if (!overview.nodes().isEmpty()) {
            show("Nodes of the cluster", NodeStatus.class, overview.nodes());
        }
        show("Listeners", ListenerStatus.class, overview.listeners());
        show(
                "Crypto providers (the first of a service is used unless configured)",
                CryptoProvider.class,
                overview.cryptoProviders());
        show("Totals", TrafficTotals.class, overview.totals());
    }

    private Overview overview() {
        List<ChannelStatus> channels = services().status(StatusSource::channels);
        return new Overview(
                services().status(StatusSource::endpoints),
                channels,
                services().status(StatusSource::drains),
                services().status(StatusSource::nodes),
                services().status(StatusSource::listeners),
                Stream.of(FrameCipher.class, KeyAgreement.class)
                        .flatMap(type -> services().providers(type).stream())
                        .toList(),
                TrafficTotals.bySide(channels));
    }

    private <R extends Record> void show(String title, Class<R> type, List<R> rows) {
        out.println(title);
        Rows.table(out, type, rows);
        out.println();
    }
}
