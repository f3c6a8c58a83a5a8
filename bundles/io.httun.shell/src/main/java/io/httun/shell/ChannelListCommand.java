// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.status.StatusSource;
import io.httun.api.status.StatusSource.ChannelStatus;
import java.util.Comparator;
import java.util.List;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = HttunCommand.SCOPE,
        name = "channel-list",
        description = "Lists the tunnel channels of this side, server and client")
public final class ChannelListCommand extends ListCommand<ChannelStatus> {
    public ChannelListCommand() {
        super(ChannelStatus.class);
    }

    @Override
    List<ChannelStatus> rows() {
        return services().status(StatusSource::channels).stream()
                .sorted(Comparator.comparing(ChannelStatus::name))
                .toList();
    }
}
