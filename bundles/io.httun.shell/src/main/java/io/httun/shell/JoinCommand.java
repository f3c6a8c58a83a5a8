// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.config.ConfigException;
import io.httun.api.status.ListenerStatus;
import io.httun.api.status.StatusSource;
import io.httun.api.target.RefusedException;
import io.httun.api.tunnel.ChannelTester;
import io.httun.api.tunnel.ChannelTester.Progress;
import io.httun.shell.access.CfgText;
import io.httun.shell.access.Joining;
import io.httun.toolkit.config.SecretFile;
import io.httun.toolkit.config.WatchedFiles;
import io.httun.toolkit.tunnel.TunnelLink;
import io.netty.util.concurrent.Future;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.support.CommandException;
import org.apache.karaf.shell.support.completers.FileCompleter;

@Service
@Command(
        scope = HttunCommand.SCOPE,
        name = "join",
        description = "Joins a server by the link that httun:channel-add printed there, and reports what works",
        detailedDescription =
                "Writes a client and a SOCKS proxy on loopback into etc/, tries the tunnel, and says how to use it. A"
                        + " client that is there already gets the link's new secret and keeps everything else. The"
                        + " console keeps the link in its history; --file does not.")
public final class JoinCommand extends AccessCommand {
    private static final int EXCHANGES = 3;
    private static final Duration TO_APPLY = Duration.ofMillis(500);
    private static final double NANOS_PER_MILLI = 1e6;

    @Argument(name = "LINK", description = "Link, in single quotes, or options")
    String link = "";

    @Option(name = "--file", description = "File whose first line is the link")
    @Completion(FileCompleter.class)
    String file = "";

    @Option(name = "--name", description = "Name of the client here (default: the channel's)")
    String name = "";

    @Option(
            name = "--bind",
            description = "Where the SOCKS proxy listens (default: the first free port of 127.0.0.1 from 1080 on)")
    String bind = "";

    /** When a client that is there has seen its changed key file. */
    Duration reread = WatchedFiles.INTERVAL.plus(TO_APPLY);

    @Override
    void access() throws Exception {
        TunnelLink parsed = TunnelLink.parse(text());
        if (services().bundles("io.httun.client").length == 0) {
            throw new ConfigException(
                    "No client is installed here: feature:install httun-client, or run httun join where httun client runs");
        }
        String client = name.isEmpty() ? parsed.name() : name;
        Joining joining = new Joining(services(), etc, parsed, client);
        List<Path> written = joining.write(bind);
        written.forEach(path -> out.println("wrote " + path));
        show();
        if (!await(() -> tester(client).isPresent())) {
            throw new ConfigException("The client " + client + " does not start: see httun:health");
        }
        boolean changed = written.size() == 1;
        if (changed) {
            // Until it has the new secret, the old one would be tried.
            Thread.sleep(reread.toMillis());
        }
        boolean tunnel = tryTunnel(client, parsed);
        boolean proxy = tryProxy(joining.listener(), changed);
        if (!tunnel || !proxy) {
            throw new CommandException(
                    "Not everything works yet; the files stay. Try again with: httun:test " + client);
        }
    }

    private String text() {
        if (link.isEmpty() == file.isEmpty()) {
            throw new ConfigException("The link is missing: give httun:join 'httun://...', or --file FILE");
        }
        return file.isEmpty()
                ? link
                : SecretFile.readLines(
                                "--file", session.currentDir().resolve(file).toString())
                        .get(0);
    }

    private Optional<ChannelTester> tester(String client) {
        return services().named(ChannelTester.class, client);
    }

    private boolean tryTunnel(String client, TunnelLink to) throws InterruptedException {
        AtomicReference<Progress> last = new AtomicReference<>();
        Future<Void> test = tester(client).orElseThrow().test(Duration.ZERO, EXCHANGES, last::set);
        test.await(patience.toMillis(), TimeUnit.MILLISECONDS);
        if (test.isSuccess()) {
            out.printf(
                    Locale.ROOT,
                    "works: %s knows channel %s and its secret; an exchange of 32 KiB takes %.1f ms%n",
                    to.url(),
                    to.name(),
                    last.get().roundTrip().toNanos() / NANOS_PER_MILLI);
            return true;
        }
        test.cancel(true);
        Throwable cause = test.cause();
        String why = CfgText.printable(
                test.isCancelled()
                        ? "no answer within " + patience.toSeconds() + " s"
                        : String.valueOf(cause.getMessage()));
        boolean reached = !test.isCancelled() && !(cause instanceof RefusedException);
        out.println(
                reached
                        ? "works: " + to.url() + " knows channel " + to.name() + " and its secret, but not the test: "
                                + why
                        : "does not work: the tunnel: " + why);
        return reached;
    }

    /** @param changed whether the client was there already, with listeners of its own or without */
    private boolean tryProxy(String listener, boolean changed) throws InterruptedException {
        if (changed && listener(listener).isEmpty()) {
            return true;
        }
        boolean listens = await(() -> listener(listener)
                .filter(status -> status.state().equals("listening"))
                .isPresent());
        String address = listener(listener).map(ListenerStatus::address).orElse(bind);
        if (listens) {
            out.println("works: SOCKS proxy on " + address);
            out.println("try:   curl -x socks5h://" + address + " https://example.org/");
        } else {
            out.println("does not work: SOCKS proxy " + listener + ": "
                    + listener(listener).map(ListenerStatus::state).orElse("see httun:health"));
        }
        return listens;
    }

    private Optional<ListenerStatus> listener(String listener) {
        return services().status(StatusSource::listeners).stream()
                .filter(status -> status.name().equals(listener))
                .findFirst();
    }
}
