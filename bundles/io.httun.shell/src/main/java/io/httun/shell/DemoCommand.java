// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.status.StatusSource.ChannelStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.support.CommandException;

@Service
@Command(
        scope = HttunCommand.SCOPE,
        name = "demo",
        description = "Shows the demo's tunnel at work",
        detailedDescription = "Waits until the parts of the demo are up, runs one HTTP request through the tunnel to a"
                + " small server of its own on this machine, and tells what happened and what to try.")
public final class DemoCommand extends HttunCommand {
    static final String READY = "httun demo is ready";
    static final String FAILED = "httun demo failed: ";

    private static final double NANOS_PER_MILLI = 1e6;
    private static final int PAUSES_BETWEEN_TRIES = 5;

    /** How long it waits for the parts and for a first answer. */
    Duration patience = Duration.ofSeconds(60);

    /** How often it looks. */
    Duration pause = Duration.ofMillis(100);

    @Override
    void run() throws InterruptedException {
        try {
            demonstrate();
            out.println(READY);
        } catch (CommandException e) {
            out.println(FAILED + e.getMessage());
            out.println(
                    "Look at what is there with httun:status and httun:connection-list --closed, and at the log with log:display");
        }
        show();
    }

    private void demonstrate() throws CommandException, InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        DemoParts parts = await(deadline);
        try (DemoTarget target = DemoTarget.open()) {
            DemoRequest.Result result = request(parts, target, deadline);
            report(parts, target, result, DemoParts.find(services()).client().orElse(parts.theClient()));
        } catch (IOException e) {
            throw new CommandException("its target on this machine cannot be opened (" + e.getMessage() + ")", e);
        }
        hints(parts);
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

    /** Tried again until the deadline: that the parts are there does not mean that the web server listens already. */
    private DemoRequest.Result request(DemoParts parts, DemoTarget target, long deadline)
            throws CommandException, InterruptedException {
        while (true) {
            try {
                return DemoRequest.run(parts.socks(), target, Math.max(deadline - System.nanoTime(), pause.toNanos()));
            } catch (IOException e) {
                if (System.nanoTime() > deadline) {
                    throw new CommandException(
                            "the parts are there, but no request came through the tunnel (" + e.getMessage() + "). "
                                    + DemoParts.find(services()).clientState(),
                            e);
                }
            }
            TimeUnit.NANOSECONDS.sleep(pause.multipliedBy(PAUSES_BETWEEN_TRIES).toNanos());
        }
    }

    private void report(DemoParts parts, DemoTarget target, DemoRequest.Result result, ChannelStatus after) {
        ChannelStatus before = parts.theClient();
        out.println("One HTTP request went through the tunnel:");
        out.println("  way            SOCKS " + parts.socks() + " -> client -> HTTP -> server -> " + target.address());
        line("in clear", "%,d bytes there, %,d bytes back", result.bytesSent(), result.bytesReceived());
        line(
                "on the wire",
                "encrypted frames: %,d there, %,d back",
                after.framesOut() - before.framesOut(),
                after.framesIn() - before.framesIn());
        line("round trips", "%,d HTTP requests", after.requests() - before.requests());
        line("time", "%.1f ms, with the set-up of a session", result.time().toNanos() / NANOS_PER_MILLI);
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

    private void hints(DemoParts parts) {
        otherPort("SOCKS", parts.socks(), DemoParts.SOCKS_PORT);
        otherPort("CONNECT", parts.connect(), DemoParts.CONNECT_PORT);
        out.println("Try in another terminal:");
        out.println("  curl -x socks5h://" + parts.socks() + " https://example.org/");
        out.println("  curl -x http://" + parts.connect() + " https://example.org/");
        out.println("  ssh -o ProxyCommand='nc -X 5 -x " + parts.socks() + " %h %p' user@host");
        out.println(
                "and look here with httun:status or httun:connection-list. Ctrl-D ends it, and so does: httun stop");
    }

    private void otherPort(String listener, DemoParts.HostAndPort address, int usual) {
        if (address.port() != usual) {
            out.println("Port " + usual + " is taken: " + listener + " listens on " + address.port() + " instead.");
        }
    }
}
