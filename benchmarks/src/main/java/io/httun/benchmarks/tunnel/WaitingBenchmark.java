// SPDX-License-Identifier: Apache-2.0
package io.httun.benchmarks.tunnel;

import io.httun.benchmarks.proxy.Proc;
import io.httun.testpeers.StockClient;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Measures what requests cost that wait for data, each of a stock client with a session and a connection of its own, and what they do
 * to others. Arguments: the unpacked distribution, and the JSON file to write.
 */
public final class WaitingBenchmark {
    private static final int COUNT = 10_000;
    /** What a process has open besides its connections. */
    private static final int OTHER_FILES = 600;

    private static final long WARM_UP = 128L << 20;
    private static final int EXCHANGES = 2_000;
    private static final String HEAP = "512m";
    private static final int AT_ONCE = 4;
    private static final String ROW = "request/response, 1 byte, beside waiting requests, ";

    private WaitingBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        Path distribution = Path.of(arguments[0]);
        Path work = Files.createTempDirectory("httun-waiting-benchmark");
        byte[] secret = Secret.random();
        Path key = Secret.file(work, "key", Secret.hex(secret));
        int http = KarafProcess.freePort();
        int socks = KarafProcess.freePort();
        URI url = URI.create("http://127.0.0.1:" + http);
        Report report = new Report();
        try (TargetServer target = new TargetServer();
                KarafProcess serving = new KarafProcess(
                        distribution,
                        work.resolve("server"),
                        "server --endpoint=netty",
                        KarafProcess.freePort(),
                        Map.of(
                                "io.httun.server.cfg",
                                "sessions.max=" + 2 * COUNT + "\ninits.per.second=10000\n",
                                "io.httun.channel-bench.cfg",
                                "name=bench\nid=1\nfilters=none\nsecret.file=" + key + "\n",
                                "io.httun.endpoint.netty-bench.cfg",
                                "name=bench\nlisten=127.0.0.1:" + http + "\nconnections.per.address=" + 2 * COUNT
                                        + "\n"),
                        HEAP);
                KarafProcess karaf = new KarafProcess(
                        distribution,
                        work.resolve("client"),
                        "client",
                        KarafProcess.freePort(),
                        Map.of(
                                "io.httun.client-bench.cfg",
                                "name=bench\nid=1\nurls=" + url + "\nsecret.file=" + key + "\n",
                                "io.httun.listener.socks-bench.cfg",
                                "name=bench\nbind=127.0.0.1:" + socks + "\nconnector.target=(name=bench)\n"),
                        HEAP)) {
            Route others = new Route("others", OptionalInt.of(socks));
            TunnelBenchmark.await(others, target.port());
            Work exchanges = new Work(others, target.port());
            exchanges.bulk(TargetServer.UPLOAD, 1, WARM_UP);
            exchanges.bulk(TargetServer.DOWNLOAD, 1, WARM_UP);
            double[] times = exchanges.exchanges(EXCHANGES, EXCHANGES);
            report.add(ROW + "p50 (ms)", "alone", times[0]);
            report.add(ROW + "p99 (ms)", "alone", times[1]);
            measure(report, exchanges, serving.pid(), url, secret);
            report.add("resident size with them (MiB)", "server", serving.residentMiB());
            report.add("resident size with them (MiB)", "client", karaf.residentMiB());
        } finally {
            report.write(Path.of(arguments[1]));
            KarafProcess.run("rm", "-rf", work.toString());
        }
        System.exit(0);
    }

    private static void measure(Report report, Work others, long server, URI url, byte[] secret) throws Exception {
        int count = (int) Math.min(COUNT, Math.min(Proc.openFilesMax(server), Proc.openFilesMax(self())) - OTHER_FILES);
        double heap = Proc.heapKiB(server);
        double resident = Proc.residentKiB(server);
        try (Waiters waiters = new Waiters(url.getPort())) {
            Work.atOnce(AT_ONCE, () -> {
                for (int i = 0; i < count / AT_ONCE; i++) {
                    waiters.add(StockClient.builder(url, 1, secret).build().init());
                }
                return null;
            });
            report.add("waiting requests", "standalone", waiters.waiting());
            double[] times = others.exchanges(EXCHANGES / 10, EXCHANGES);
            report.add(ROW + "p50 (ms)", "beside " + waiters.waiting(), times[0]);
            report.add(ROW + "p99 (ms)", "beside " + waiters.waiting(), times[1]);
            report.add(
                    "a waiting request, heap (KiB)", "standalone", (Proc.heapKiB(server) - heap) / waiters.waiting());
            report.add(
                    "a waiting request, resident (KiB)",
                    "standalone",
                    (Proc.residentKiB(server) - resident) / waiters.waiting());
            waiters.check();
        }
    }

    private static long self() {
        return ProcessHandle.current().pid();
    }
}
