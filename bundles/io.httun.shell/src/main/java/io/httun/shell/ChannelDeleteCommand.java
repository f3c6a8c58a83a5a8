// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.cluster.ChannelClosure;
import io.httun.api.config.ConfigException;
import io.httun.shell.access.ClusterWord;
import io.httun.shell.access.Configurations;
import io.httun.shell.access.Invitation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.osgi.service.cm.Configuration;

@Service
@Command(
        scope = HttunCommand.SCOPE,
        name = "channel-delete",
        description = "Takes a user's access back for good: ends the channel's sessions and deletes its files",
        detailedDescription =
                "Deletes the channel's configuration, and its key file and filter where httun:channel-add has made"
                        + " them. Other files stay. The other servers of a cluster refuse the channel, and a new one of its"
                        + " name, until httun:channel-enable. To close a channel for a time: httun:channel-disable.")
public final class ChannelDeleteCommand extends AccessCommand {
    @Argument(name = "NAME", description = "Name of a channel of this server", required = true)
    @Completion(Completers.ServerChannels.class)
    String name;

    @Override
    void access() {
        Configurations channels = Configurations.ofChannels(services());
        Configuration channel = channels.get(name);
        Path key = Invitation.keyFile(etc, name).toAbsolutePath().normalize();
        boolean ownKey = key.equals(Path.of(Configurations.value(channel, "secret.file"))
                .toAbsolutePath()
                .normalize());
        boolean ownFilter = Configurations.value(channel, "filters").equals(name);
        channels.delete(channel);
        if (ownKey) {
            delete(key);
        }
        if (ownFilter) {
            Configurations filters = Configurations.ofFactory(services(), "io.httun.filter.address", "filter");
            filters.find(name)
                    .filter(each -> Configurations.file(each)
                            .filter(Invitation.filterFile(etc, name).toAbsolutePath()::equals)
                            .isPresent())
                    .ifPresent(filters::delete);
        }
        String elsewhere = new ClusterWord(services()).tell(name, ChannelClosure.State.DELETED, "refuse it");
        out.println("Deleted channel " + name + ": its sessions have ended, and its secret is not valid any more"
                + elsewhere
                + (elsewhere.isEmpty() ? "" : "; delete it there, too: their health names it"));
    }

    private static void delete(Path key) {
        try {
            Files.deleteIfExists(key);
        } catch (IOException e) {
            throw new ConfigException("The channel is deleted, but " + key + " is not ("
                    + e.getClass().getSimpleName() + "): delete it");
        }
    }
}
