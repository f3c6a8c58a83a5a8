// SPDX-License-Identifier: Apache-2.0
package io.httun.benchmarks.tunnel;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Our tunnel beside others in one run, on the same work, through SOCKS; every byte is checked. The environment names the programs of the others:
 * {@code CHISEL}, {@code WSTUNNEL}. Arguments: the unpacked distribution, and the JSON file to write.
 */
public final class PeersBenchmark {
    private static final int NEAR = 0;
    private static final int FAR = 40;
    private static final int FARTHEST = 200;
    private static final String HEAP = "256m";
    private static final long COLD_SECONDS = 60;
    private static final long BULK = 512L << 20;
    private static final int WARM_UPS = 3;
    private static final int EXCHANGES = 5000;
    private static final int AT_ONCE = 16;
    private static final int CONNECTIONS = 60;
    private static final int FIRST_BYTES = 40;

    private final Report report;
    private final TargetServer target;
    private final Greeter greeter;
    private final List<Contender> contenders;

    private PeersBenchmark(Report report, TargetServer target, Greeter greeter, List<Contender> contenders) {
        this.report = report;
        this.target = target;
        this.greeter = greeter;
        this.contenders = contenders;
    }

    public static void main(String[] arguments) throws Exception {
        Path work = Files.createTempDirectory("httun-peers");
        Report report = new Report();
        List<Contender> contenders = new ArrayList<>();
        try (TargetServer target = new TargetServer();
                Greeter greeter = new Greeter();
                Delays delays = new Delays(List.of(NEAR, FAR, FARTHEST))) {
            contenders.add(Contender.httun(Path.of(arguments[0]), work, delays, HEAP));
            if (System.getenv("CHISEL") != null) {
                contenders.add(Contender.chisel(System.getenv("CHISEL"), delays));
            }
            if (System.getenv("WSTUNNEL") != null) {
                contenders.add(Contender.wstunnel(System.getenv("WSTUNNEL"), delays));
            }
            new PeersBenchmark(report, target, greeter, contenders).run();
        } finally {
            contenders.forEach(Contender::close);
            report.write(Path.of(arguments[1]));
            KarafProcess.run("rm", "-rf", work.toString());
        }
        System.exit(0);
    }

    private void run() throws Exception {
        for (Contender each : contenders) {
            for (Route route : each.routes().values()) {
                TunnelBenchmark.await(route, target.port());
            }
        }
        TimeUnit.SECONDS.sleep(COLD_SECONDS);
        bulk(NEAR, 1, BULK, ", a minute after the start");
        connections(NEAR, ", a minute after the start");
        for (int i = 0; i < WARM_UPS; i++) {
            for (Contender each : contenders) {
                work(each, NEAR).bulk(TargetServer.UPLOAD, 1, BULK);
                work(each, NEAR).bulk(TargetServer.DOWNLOAD, 1, BULK);
                work(each, NEAR).connections(AT_ONCE, CONNECTIONS);
            }
        }
        bulk(NEAR, 1, BULK, "");
        bulk(NEAR, 8, BULK / 8, "");
        exchanges(NEAR);
        connections(NEAR, "");
        bulk(FAR, 1, BULK / 2, "");
        bulk(FAR, 1, BULK / 2, ", again");
        exchanges(FAR);
        connections(FAR, "");
        firstByte(FAR);
        refusal(FAR);
        bulk(FARTHEST, 1, BULK / 4, "");
    }

    private Work work(Contender contender, int delay) {
        return new Work(contender.routes().get(delay), target.port());
    }

    private void add(String work, Contender contender, double value) {
        report.add(work, contender.name(), value);
    }

    private static String at(int delay) {
        return delay == 0 ? "" : delay + " ms: ";
    }

    private void bulk(int delay, int connections, long each, String when) throws Exception {
        String of = connections + (connections == 1 ? " connection" : " connections") + when + " (MiB/s)";
        for (Contender contender : contenders) {
            add(
                    at(delay) + "bulk up, " + of,
                    contender,
                    work(contender, delay).bulk(TargetServer.UPLOAD, connections, each));
            add(
                    at(delay) + "bulk down, " + of,
                    contender,
                    work(contender, delay).bulk(TargetServer.DOWNLOAD, connections, each));
        }
    }

    private void exchanges(int delay) throws Exception {
        int count = delay == 0 ? EXCHANGES : EXCHANGES / 20;
        for (Contender contender : contenders) {
            double[] times = work(contender, delay).exchanges(delay == 0 ? EXCHANGES : 0, count);
            add(at(delay) + "exchange of 1 byte, p50 (ms)", contender, times[0]);
            add(at(delay) + "exchange of 1 byte, p99 (ms)", contender, times[1]);
        }
    }

    private void connections(int delay, String when) throws Exception {
        for (Contender contender : contenders) {
            add(
                    at(delay) + "connections per second, 16 at once" + when,
                    contender,
                    work(contender, delay).connections(AT_ONCE, CONNECTIONS));
        }
    }

    private void firstByte(int delay) throws Exception {
        for (Contender contender : contenders) {
            Route route = contender.routes().get(delay);
            add(
                    at(delay) + "first byte of a target that speaks first, p50 (ms)",
                    contender,
                    Work.median(FIRST_BYTES, () -> {
                        try (var socket = route.open(greeter.port())) {
                            Work.expect(socket, '2');
                        }
                    }));
        }
    }

    private void refusal(int delay) throws Exception {
        int closed = KarafProcess.freePort();
        for (Contender contender : contenders) {
            Route route = contender.routes().get(delay);
            add(at(delay) + "refused target reported, p50 (ms)", contender, Work.median(FIRST_BYTES, () -> {
                try (var socket = route.open(closed)) {
                    socket.getInputStream().read();
                } catch (java.io.IOException expected) {
                    // By SOCKS, or as an end of the connection.
                }
            }));
        }
    }
}
