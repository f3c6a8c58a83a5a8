// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.status.ChannelStatus;
import io.httun.api.status.ChannelUse;
import io.httun.api.status.StatusSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = HttunCommand.SCOPE,
        name = "channel-list",
        description = "Lists the tunnel channels of this side, server and client, with use and quota")
public final class ChannelListCommand extends ListCommand<ChannelListCommand.ChannelRow> {
    /** A channel; what is used and may be used is the server's. */
    record ChannelRow(
            String side,
            String name,
            int id,
            String state,
            int sessions,
            int connections,
            long requests,
            long framesIn,
            long framesOut,
            long bytesIn,
            long bytesOut,
            long refused,
            long usedToday,
            long usedThisWeek,
            long usedThisMonth,
            String quota,
            String expires,
            String rotation) {
        static ChannelRow of(ChannelStatus channel, ChannelUse use) {
            return new ChannelRow(
                    channel.side(),
                    channel.name(),
                    channel.id(),
                    channel.state(),
                    channel.sessions(),
                    channel.connections(),
                    channel.requests(),
                    channel.framesIn(),
                    channel.framesOut(),
                    channel.bytesIn(),
                    channel.bytesOut(),
                    channel.refused(),
                    use.usedToday(),
                    use.usedThisWeek(),
                    use.usedThisMonth(),
                    use.quota(),
                    use.expires(),
                    use.rotation());
        }
    }

    private static final ChannelUse NOT_COUNTED = new ChannelUse("", 0, 0, 0, "", "", "");

    public ChannelListCommand() {
        super(ChannelRow.class);
    }

    @Override
    List<ChannelRow> rows() {
        Map<String, ChannelUse> uses = services().status(StatusSource::channelUses).stream()
                .collect(Collectors.toMap(ChannelUse::channel, Function.identity(), (one, other) -> one));
        return services().status(StatusSource::channels).stream()
                .sorted(Comparator.comparing(ChannelStatus::name))
                .map(channel -> ChannelRow.of(
                        channel,
                        channel.side().equals(Side.SERVER)
                                ? uses.getOrDefault(channel.name(), NOT_COUNTED)
                                : NOT_COUNTED))
                .toList();
    }
}
