// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.cluster.ChannelClosure;
import io.httun.shell.access.ClusterWord;
import io.httun.shell.access.Configurations;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = HttunCommand.SCOPE,
        name = "channel-disable",
        description =
                "Closes a user's channel, in a cluster at all servers: its sessions end at once, and its files stay")
public final class ChannelDisableCommand extends AccessCommand {
    @Argument(name = "NAME", description = "Name of a channel of this server", required = true)
    @Completion(Completers.ServerChannels.class)
    String name;

    @Override
    void access() {
        Configurations channels = Configurations.ofChannels(services());
        channels.set(channels.get(name), "enabled", "false");
        String elsewhere = new ClusterWord(services()).tell(name, ChannelClosure.State.DISABLED, "refuse it");
        out.println("Disabled channel " + name + ": its sessions have ended; httun:channel-enable opens it again"
                + elsewhere);
    }
}
