// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.config.ConfigException;
import io.httun.api.crypto.SharedSecret;
import io.httun.api.tunnel.ChannelControl;
import io.httun.shell.access.Configurations;
import io.httun.shell.access.NewSecret;
import io.httun.shell.access.PublicUrl;
import io.httun.toolkit.config.ChannelSecrets;
import io.httun.toolkit.config.Quantity;
import io.httun.toolkit.tunnel.TunnelLink;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.osgi.service.cm.Configuration;

@Service
@Command(
        scope = HttunCommand.SCOPE,
        name = "channel-rotate",
        description =
                "Gives a channel a new secret beside the old one, and prints the command that brings it to the client",
        detailedDescription =
                "Both secrets are valid until a client has used the new one, or the grace is over; then the old one is"
                        + " dropped. No session ends. Run the printed line on the client, which keeps its configuration.")
public final class ChannelRotateCommand extends AccessCommand {
    @Argument(name = "NAME", description = "Name of a channel of this server", required = true)
    @Completion(Completers.ServerChannels.class)
    String name;

    @Option(name = "--grace", description = "How long the old secret is valid at most, such as 12h or 7d (default 7d)")
    String grace = "7d";

    @Option(name = "--url", description = "URL under which the user reaches this server (default: public.url)")
    String url = "";

    @Option(name = "--force", description = "Begin again where a rotation is under way: its link is not valid any more")
    boolean force;

    @Override
    void access() {
        Duration time = Quantity.duration("--grace", grace);
        if (time.isZero()) {
            throw new ConfigException("--grace", grace, "must be more than 0; to cut a client off use channel-disable");
        }
        Configuration channel = Configurations.ofChannels(services()).get(name);
        String base = PublicUrl.find(services(), url);
        String file = Configurations.value(channel, "secret.file");
        if (file.isEmpty()) {
            throw new ConfigException("Channel " + name
                    + " has its secret inline: put it into a key file, name that with secret.file, and rotate again");
        }
        ChannelSecrets secrets = ChannelSecrets.read(file, "");
        if (secrets.next().isPresent() && !force) {
            throw new ConfigException("Channel " + name + " is being rotated until "
                    + secrets.next().get().until() + ": use the link that was printed, or make another with --force");
        }
        int id = Integer.parseInt(Configurations.value(channel, "id"));
        SharedSecret next = NewSecret.make();
        Instant until = Instant.now().plus(time).truncatedTo(ChronoUnit.SECONDS);
        try {
            secrets.begin(next, until);
        } catch (IOException e) {
            throw new ConfigException("secret.file", file, "cannot be written (" + e + "): check its permissions");
        }
        services().named(ChannelControl.class, name).ifPresent(ChannelControl::refresh);
        out.println(command(new TunnelLink(base, name, id, next).text()));
    }
}
