// SPDX-License-Identifier: Apache-2.0
package io.httun.shell;

import io.httun.api.tunnel.ChannelTester;
import io.httun.api.tunnel.ChannelTester.Progress;
import io.httun.shell.access.UnknownName;
import io.httun.toolkit.status.Json;
import java.time.Duration;
import java.util.Locale;
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
        description = "Measures a client channel by echoes of the server",
        detailedDescription =
                "Shows the round trip of small exchanges, and the data rates of parallel bulk in both directions; with --period"
                        + " there is no bulk. With a stock server, or without streams, exchanges of 32 KiB are sequential, so that"
                        + " the round trip bounds the rates: --parallel 8 measures the throughput. The server's channel"
                        + " needs test = true. Prints a line per second; Ctrl-C ends it.")
public final class TestCommand extends ArgumentCommand {
    private static final Progress NOTHING = new Progress(0, Duration.ZERO, 0, 0, Duration.ZERO);
    private static final double MEBI = 1 << 20;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final double NANOS_PER_MILLI = 1e6;
    static final Duration NO_LIMIT = Duration.ofDays(365);
    private static final int MOST_PARALLEL = 16;
    private static final int SECONDS_WITHOUT_TERMINAL = 10;

    @Argument(name = "CHANNEL", description = "Name of a client channel", required = true)
    @Completion(Completers.Testers.class)
    String channel;

    @Option(name = "--period", description = "Pause between two exchanges in milliseconds (default 0, none)")
    long period;

    @Option(name = "--count", description = "Number of exchanges (default 0, until Ctrl-C)")
    long count;

    @Option(
            name = "--seconds",
            description = "Duration in seconds (default 0, until Ctrl-C; 10 without a terminal if --count is 0)")
    long seconds;

    @Option(name = "--parallel", description = "Number of parallel tests, 1 to 16")
    long parallel = 1;

    @Option(name = "--json", description = "Print one JSON object per line")
    boolean json;

    /** Interval of the printed lines. */
    Duration interval = Duration.ofSeconds(1);

    /** The result of one interval, or of the whole test: the mean round trip of an exchange, and rates in MiB/s. */
    record Rates(
            String span,
            double seconds,
            long exchanges,
            double roundTripMillis,
            double mebibytesPerSecondToServer,
            double mebibytesPerSecondFromServer) {}

    @Override
    void runWithOptions() throws CommandException {
        if (period < 0) {
            throw new CommandException("--period " + period + ": must be 0 or more milliseconds");
        }
        if (count < 0) {
            throw new CommandException("--count " + count + ": must be 1 or more, or 0 for no end");
        }
        if (seconds < 0) {
            throw new CommandException("--seconds " + seconds + ": must be 1 or more, or 0 for no end");
        }
        if (parallel < 1 || parallel > MOST_PARALLEL) {
            throw new CommandException("--parallel " + parallel + ": must be 1 to " + MOST_PARALLEL);
        }
        ChannelTester tester = services().named(ChannelTester.class, channel).orElseThrow(this::unknown);
        ParallelTests run =
                ParallelTests.start(tester, Duration.ofMillis(period), count == 0 ? Long.MAX_VALUE : count, parallel);
        try {
            follow(run, limit());
        } finally {
            run.cancel();
        }
        print(rates("all", NOTHING, run.progress()));
        if (run.failure().isPresent()) {
            throw new CommandException(
                    "The test ended after " + run.progress().exchanges() + " exchanges: "
                            + run.failure().get().getMessage(),
                    run.failure().get());
        }
    }

    /** Without a terminal there is no Ctrl-C. */
    Duration limit() {
        if (seconds > 0) {
            return Duration.ofSeconds(seconds);
        }
        return count > 0 || isInteractive() ? NO_LIMIT : Duration.ofSeconds(SECONDS_WITHOUT_TERMINAL);
    }

    private CommandException unknown() {
        return new CommandException(
                UnknownName.message("client channel", channel, services().names(ChannelTester.class)));
    }

    /** Prints until the test ends, its time is over, Ctrl-C interrupts this thread, or the shell has gone. */
    private void follow(ParallelTests run, Duration limit) {
        Progress before = NOTHING;
        long start = System.nanoTime();
        try {
            while (!run.await(interval) && System.nanoTime() - start < limit.toNanos()) {
                Progress now = run.progress();
                print(rates("interval", before, now));
                before = now;
                if (isShellGone()) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            // a pipe's output is closed by now
            out = session.getConsole();
        }
    }

    private Rates rates(String span, Progress from, Progress to) {
        double time = to.elapsed().minus(from.elapsed()).toNanos() / NANOS_PER_SECOND;
        double perSecond = time > 0 ? 1 / (time * MEBI) : 0;
        long exchanges = to.exchanges() - from.exchanges();
        return new Rates(
                span,
                time,
                exchanges,
                to.roundTrip().minus(from.roundTrip()).toNanos() / NANOS_PER_MILLI / Math.max(1, exchanges),
                (to.bytesToServer() - from.bytesToServer()) * perSecond,
                (to.bytesFromServer() - from.bytesFromServer()) * perSecond);
    }

    private void print(Rates rates) {
        out.println(
                json
                        ? Json.write(rates)
                        : String.format(
                                Locale.ROOT,
                                "%-8s %7.1f s  %8d exchanges  round trip %8.2f ms  to server %9.2f MiB/s  from server %9.2f MiB/s",
                                rates.span(),
                                rates.seconds(),
                                rates.exchanges(),
                                rates.roundTripMillis(),
                                rates.mebibytesPerSecondToServer(),
                                rates.mebibytesPerSecondFromServer()));
        show();
    }
}
