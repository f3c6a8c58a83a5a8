// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.status.ChannelStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.support.CommandException;

@Service
@Command(
        scope = HttunCommand.SCOPE,
        name = "demo",
        description = "Shows the tunnel of the demo",
        detailedDescription = "Waits until the parts of the demo are up, runs one HTTP request through the tunnel to a"
                + " small server on this host, connects to one that speaks first and to a closed port,"
                + " and prints the results and commands to try.")
public final class DemoCommand extends HttunCommand {
    static final String READY = "httun demo is ready";
    static final String FAILED = "httun demo failed: ";

    private static final double NANOS_PER_MILLI = 1e6;
    private static final int PAUSES_BETWEEN_TRIES = 5;
    private static final String PAGE_BUNDLE = "io.httun.web";

    /** Time limit for the parts and the first answer. */
    Duration patience = Duration.ofSeconds(60);

    /** Interval of the checks. */
    Duration pause = Duration.ofMillis(100);

    @Override
    void run() throws InterruptedException {
        try {
            demonstrate();
            out.println(READY);
        } catch (CommandException e) {
            out.println(FAILED + e.getMessage());
            out.println("See httun:status, httun:connection-list --closed and the log (log:display)");
        }
        show();
    }

    private void demonstrate() throws CommandException, InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        DemoParts parts = await(deadline);
        try (DemoTarget web = DemoTarget.web();
                DemoTarget greeter = DemoTarget.greeter()) {
            Report report = exchanges(parts, web, greeter, deadline);
            print(parts, web, report);
        } catch (IOException e) {
            throw new CommandException("its target on this host cannot be opened (" + e.getMessage() + ")", e);
        }
        hints(parts, page());
    }

    private DemoParts await(long deadline) throws CommandException, InterruptedException {
        DemoParts parts = DemoParts.find(services());
        List<String> shown = List.of();
        while (!parts.missing().isEmpty()) {
            if (!parts.missing().equals(shown)) {
                shown = parts.missing();
                out.print("\rWaiting for " + String.join(", ", shown) + " ...\033[K");
                show();
            }
            if (System.nanoTime() > deadline) {
                out.println();
                throw new CommandException(
                        "after " + patience.toSeconds() + " s there is no " + String.join(", no ", shown));
            }
            TimeUnit.NANOSECONDS.sleep(pause.toNanos());
            parts = DemoParts.find(services());
        }
        if (!shown.isEmpty()) {
            out.print("\r\033[K");
        }
        return parts;
    }

    /** @param after the client's channel after the request */
    private record Report(
            DemoRequest.Result request,
            ChannelStatus after,
            DemoRequest.Outcome greeting,
            DemoRequest.Outcome refusal) {}

    /** Repeated until the deadline: the web server may start later than the parts. */
    private Report exchanges(DemoParts parts, DemoTarget web, DemoTarget greeter, long deadline)
            throws CommandException, InterruptedException {
        while (true) {
            try {
                DemoRequest way =
                        new DemoRequest(parts.socks(), Math.max(deadline - System.nanoTime(), pause.toNanos()));
                return new Report(
                        way.request(web),
                        DemoParts.find(services()).client().orElse(parts.theClient()),
                        way.greeting(greeter),
                        way.refusal());
            } catch (IOException e) {
                if (System.nanoTime() > deadline) {
                    throw new CommandException(
                            "the parts are up, but an exchange through the tunnel failed (" + e.getMessage() + "). "
                                    + DemoParts.find(services()).clientState(),
                            e);
                }
            }
            TimeUnit.NANOSECONDS.sleep(pause.multipliedBy(PAUSES_BETWEEN_TRIES).toNanos());
        }
    }

    private void print(DemoParts parts, DemoTarget target, Report report) {
        DemoRequest.Result result = report.request();
        ChannelStatus before = parts.theClient();
        ChannelStatus after = report.after();
        out.println("One HTTP request passed the tunnel:");
        out.println("  way            SOCKS " + parts.socks() + " -> client -> HTTP -> server -> " + target.address());
        line("in clear", "%,d bytes there, %,d bytes back", result.bytesSent(), result.bytesReceived());
        line(
                "on the wire",
                "encrypted frames: %,d there, %,d back",
                after.framesOut() - before.framesOut(),
                after.framesIn() - before.framesIn());
        line("round trips", "%,d HTTP requests", after.requests() - before.requests());
        line("time", "%.1f ms, with the set-up of a session", millis(result.time()));
        out.println("True answers from the other end:");
        line(
                "speaks first",
                "\"%s\" after %.1f ms, from a target that sends first",
                report.greeting().words(),
                millis(report.greeting().time()));
        line(
                "closed port",
                "refused after %.1f ms: %s",
                millis(report.refusal().time()),
                report.refusal().words());
    }

    private static double millis(Duration time) {
        return time.toNanos() / NANOS_PER_MILLI;
    }

    private void line(String what, String format, Object... values) {
        out.println(String.format(Locale.ROOT, "  %-14s " + format, prepend(what, values)));
    }

    private static Object[] prepend(String first, Object... rest) {
        Object[] all = new Object[rest.length + 1];
        all[0] = first;
        System.arraycopy(rest, 0, all, 1, rest.length);
        return all;
    }

    /** The way in to the live page, once the web server is there. The demo goes without it where it is not. */
    private Optional<String> page() throws InterruptedException {
        long deadline = System.nanoTime() + patience.dividedBy(2).toNanos();
        Optional<String> page = PageCommand.link(services());
        while (page.isEmpty() && services().bundles(PAGE_BUNDLE).length > 0 && System.nanoTime() < deadline) {
            TimeUnit.NANOSECONDS.sleep(pause.toNanos());
            page = PageCommand.link(services());
        }
        return page;
    }

    private void hints(DemoParts parts, Optional<String> page) {
        otherPort("SOCKS", parts.socks(), DemoParts.SOCKS_PORT);
        otherPort("CONNECT", parts.connect(), DemoParts.CONNECT_PORT);
        page.ifPresent(link -> {
            out.println("See it live in a browser on this machine; the link logs in once, httun:page prints another:");
            out.println("  " + link);
        });
        out.println("Try in another terminal:");
        out.println("  curl -x socks5h://" + parts.socks() + " https://example.org/");
        out.println("  curl -x http://" + parts.connect() + " https://example.org/");
        out.println("  ssh -o ProxyCommand='nc -X 5 -x " + parts.socks() + " %h %p' user@host");
        out.println("and see httun:status or httun:connection-list here. Ctrl-D ends the demo, as does: httun stop");
    }

    private void otherPort(String listener, DemoParts.HostAndPort address, int usual) {
        if (address.port() != usual) {
            out.println("Port " + usual + " is taken: " + listener + " listens on " + address.port() + " instead.");
        }
    }
}
