// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.cluster.ChannelClosure;
import io.httun.shell.access.ClusterWord;
import io.httun.shell.access.Configurations;
import java.util.Optional;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = HttunCommand.SCOPE,
        name = "channel-enable",
        description =
                "Opens a user's channel that was closed, in a cluster at all servers whose configurations serve it",
        detailedDescription =
                "Another server at which it was disabled has that in its configuration, too: run the command there as"
                        + " well. For a name that was deleted in a cluster, it lets a new channel take the name.")
public final class ChannelEnableCommand extends AccessCommand {
    @Argument(name = "NAME", description = "Name of a channel of this server", required = true)
    @Completion(Completers.ServerChannels.class)
    String name;

    @Override
    void access() {
        Configurations channels = Configurations.ofChannels(services());
        ClusterWord cluster = new ClusterWord(services());
        Optional<ChannelClosure> closure = cluster.closed(name);
        boolean here = closure.isEmpty() || channels.find(name).isPresent();
        if (here) {
            channels.set(channels.get(name), "enabled", "true");
        }
        String elsewhere = cluster.tell(name, ChannelClosure.State.OPEN, "do so");
        out.println(
                here
                        ? "Enabled channel " + name + ": its user's secret is valid again" + elsewhere
                        : "A new channel may be named " + name + elsewhere);
        closure.ifPresent(
                before -> out.println("It was " + before.text() + ": if that is another server, see its health"));
    }
}
