// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.shell.access.Configurations;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(scope = HttunCommand.SCOPE, name = "channel-enable", description = "Opens a user's channel that was closed")
public final class ChannelEnableCommand extends AccessCommand {
    @Argument(name = "NAME", description = "Name of a channel of this server", required = true)
    @Completion(Completers.ServerChannels.class)
    String name;

    @Override
    void access() {
        Configurations channels = Configurations.ofChannels(services());
        channels.set(channels.get(name), "enabled", "true");
        out.println("Enabled channel " + name + ": its user's secret is valid again");
    }
}
