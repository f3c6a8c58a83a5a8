// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.config.ConfigException;
import io.httun.api.status.Problem;
import io.httun.api.status.StatusSource;
import io.httun.shell.access.Invitation;
import io.httun.shell.access.PublicUrl;
import io.httun.shell.access.QrText;
import io.httun.shell.access.StockToml;
import io.httun.shell.health.Health;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Service;

@Service
@Command(
        scope = HttunCommand.SCOPE,
        name = "channel-add",
        description =
                "Gives a user access: makes a channel with a secret of its own, and prints the command that joins it",
        detailedDescription =
                "Writes etc/io.httun.channel-NAME.cfg and etc/httun/NAME.key, and prints one line to run on the user's"
                        + " machine. The line holds the secret: send it by a safe way. A channel is a user: give each"
                        + " machine or person one of its own. httun:channel-disable and httun:channel-delete take it back.")
public final class ChannelAddCommand extends AccessCommand {
    private static final int REFUSED_LOOKS = 20;

    @Argument(name = "NAME", description = "Name of the channel, such as laptop", required = true)
    String name;

    @Option(name = "--url", description = "URL under which the user reaches this server (default: public.url)")
    String url = "";

    @Option(
            name = "--allow",
            description = "Networks that the user may reach beside public addresses, as 10.1.0.0/16,10.2.0.7")
    String allow = "";

    @Option(name = "--quota", description = "Most bytes in a day, week or month, such as 10gb/month")
    String quota = "";

    @Option(name = "--expires", description = "Last day, such as 2026-12-31")
    String expires = "";

    @Option(name = "--sources", description = "Networks that requests may come from")
    String sources = "";

    @Option(name = "--hours", description = "When the channel is served, such as mon-fri@08:00-18:00")
    String hours = "";

    @Option(name = "--policy", description = "What each connection may cost, such as rate.from=10mb/s,life=8h")
    String policy = "";

    @Option(name = "--qr", description = "Print the link as a QR code, too")
    boolean qr;

    @Option(name = "--stock", description = "Print the configuration of a stock client instead of the command")
    boolean stock;

    private int refusedLooks;

    @Override
    void access() throws Exception {
        Map<String, String> limits = new LinkedHashMap<>();
        limits.put("quota", quota);
        limits.put("expires", expires);
        limits.put("sources", sources);
        limits.put("hours", hours);
        limits.put("policy", policy);
        limits.values().removeIf(String::isEmpty);
        Invitation invitation =
                Invitation.prepare(services(), etc, name, PublicUrl.find(services(), url), allow, limits);
        invitation.files().write();
        boolean served = false;
        try {
            served = await(() -> isServed() || isRefused(invitation)) && isServed();
        } finally {
            if (!served) {
                invitation.files().undo();
            }
        }
        if (!served) {
            throw new ConfigException(refusal(invitation)
                    .map(problem -> "The server does not take the channel, and its files were deleted: "
                            + problem.what().replaceFirst("^does not start: ", ""))
                    .orElse("The server did not take the new channel within " + patience.toSeconds()
                            + " s, and its files were deleted: see httun:health"));
        }
        print(invitation);
    }

    private void print(Invitation invitation) throws IOException {
        out.println(
                stock
                        ? StockToml.of(invitation.link())
                        : command(invitation.link().text()));
        if (qr) {
            out.write(QrText.of(invitation.link().text(), isInteractive()).getBytes(StandardCharsets.UTF_8));
        }
    }

    private boolean isServed() {
        return services().status(StatusSource::channels).stream()
                .anyMatch(channel ->
                        channel.side().equals(Side.SERVER) && channel.name().equals(name));
    }

    /** Parts that start together wait for each other for a moment: only a problem that lasts is a refusal. */
    private boolean isRefused(Invitation invitation) {
        refusedLooks = refusal(invitation).isPresent() ? refusedLooks + 1 : 0;
        return refusedLooks == REFUSED_LOOKS;
    }

    private Optional<Problem> refusal(Invitation invitation) {
        Path last = invitation.files().paths().get(invitation.files().paths().size() - 1);
        String file = last.getFileName().toString();
        return new Health(services())
                .problems().stream()
                        .filter(problem ->
                                problem.part().contains(file) || problem.what().startsWith(file))
                        .findFirst();
    }
}
