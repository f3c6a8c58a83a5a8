// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.status.Json;
import io.httun.api.tunnel.ChannelTester;
import io.httun.api.tunnel.ChannelTester.Progress;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.support.CommandException;

@Service
@Command(
        scope = HttunCommand.SCOPE,
        name = "test",
        description = "Measures a client channel: sends data, takes back what the server echoes, shows the rates",
        detailedDescription = "The server's channel needs test = true. A line a second; Ctrl-C ends it.")
public final class TestCommand extends ArgumentCommand {
    private static final Progress NOTHING = new Progress(0, Duration.ZERO, 0, 0, Duration.ZERO);
    private static final double MEBI = 1 << 20;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final double NANOS_PER_MILLI = 1e6;

    @Argument(name = "CHANNEL", description = "Name of a client channel", required = true)
    @Completion(Completers.Testers.class)
    String channel;

    @Option(name = "--period", description = "Pause between two exchanges in milliseconds (default 0, none)")
    long period;

    @Option(name = "--count", description = "How many exchanges (default 0, until Ctrl-C)")
    long count;

    @Option(name = "--json", description = "Print a JSON object a line")
    boolean json;

    /** How often a line is printed. */
    Duration interval = Duration.ofSeconds(1);

    /** What happened in one interval, or in all; rates in MiB/s. */
    record Rates(
            String span,
            double seconds,
            long exchanges,
            double mebibytesPerSecondToServer,
            double mebibytesPerSecondFromServer,
            double roundTripMillis) {}

    @Override
    void runWithOptions() throws CommandException {
        if (period < 0) {
            throw new CommandException("--period " + period + ": must be 0 or more milliseconds");
        }
        if (count < 0) {
            throw new CommandException("--count " + count + ": must be 1 or more, or 0 for no end");
        }
        ChannelTester tester = services().named(ChannelTester.class, channel).orElseThrow(this::unknown);
        AtomicReference<Progress> latest = new AtomicReference<>(NOTHING);
        Future<Void> test = tester.test(Duration.ofMillis(period), count == 0 ? Long.MAX_VALUE : count, latest::set);
        boolean ended = follow(test, latest);
        Progress last = latest.get();
        print(rates("all", NOTHING, last));
        if (ended && !test.isSuccess()) {
            throw new CommandException(
                    "The test ended after " + last.exchanges() + " exchanges: "
                            + test.cause().getMessage(),
                    test.cause());
        }
    }

    private CommandException unknown() {
        return new CommandException("There is no client channel named " + channel + "; there "
                + (services().names(ChannelTester.class).isEmpty()
                        ? "is none"
                        : "is: " + String.join(", ", services().names(ChannelTester.class))));
    }

    /** Whether it ended by itself and not by Ctrl-C, which interrupts the command's thread. */
    private boolean follow(Future<Void> test, AtomicReference<Progress> latest) {
        Progress before = NOTHING;
        try {
            while (!test.await(interval.toMillis(), TimeUnit.MILLISECONDS)) {
                Progress now = latest.get();
                print(rates("interval", before, now));
                before = now;
            }
            return true;
        } catch (InterruptedException e) {
            test.cancel(true);
            // what leads into a pipe is closed by now
            out = session.getConsole();
            return false;
        }
    }

    private static Rates rates(String span, Progress from, Progress to) {
        double seconds = to.elapsed().minus(from.elapsed()).toNanos() / NANOS_PER_SECOND;
        double perSecond = seconds > 0 ? 1 / (seconds * MEBI) : 0;
        return new Rates(
                span,
                seconds,
                to.exchanges() - from.exchanges(),
                (to.bytesToServer() - from.bytesToServer()) * perSecond,
                (to.bytesFromServer() - from.bytesFromServer()) * perSecond,
                to.roundTrip().toNanos() / NANOS_PER_MILLI);
    }

    private void print(Rates rates) {
        out.println(
                json
                        ? Json.write(rates)
                        : String.format(
                                Locale.ROOT,
                                "%-8s %7.1f s  %8d exchanges  to server %9.2f MiB/s  from server %9.2f MiB/s  last round trip %8.2f ms",
                                rates.span(),
                                rates.seconds(),
                                rates.exchanges(),
                                rates.mebibytesPerSecondToServer(),
                                rates.mebibytesPerSecondFromServer(),
                                rates.roundTripMillis()));
        show();
    }
}
