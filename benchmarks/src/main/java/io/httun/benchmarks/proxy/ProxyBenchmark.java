// SPDX-License-Identifier: Apache-2.0
package io.httun.benchmarks.proxy;

import io.httun.benchmarks.tunnel.KarafProcess;
import io.httun.benchmarks.tunnel.Report;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Measures the CONNECT proxy with a direct target, beside tinyproxy and HAProxy where they are installed. Arguments: the unpacked
 * distribution, the JSON file to write, and, to measure a proxy that runs already, its port and process.
 */
public final class ProxyBenchmark {
    private static final String HEAP = "512m";
    private static final long WARM_UP = 2L << 30;
    private static final long BULK = 2L << 30;
    private static final int AT_ONCE = 16;
    private static final int CONNECTIONS_EACH = 1_000;
    private static final int EXCHANGES = 20_000;
    private static final int BUSY = 50;
    private static final int IDLE = 10_000;
    /** What a proxy has open besides its connections. */
    private static final int OTHER_FILES = 600;

    private static final double KIB_PER_MIB = 1024;

    private final Report report = new Report();
    private final ProxyTarget target = new ProxyTarget();

    private ProxyBenchmark() throws Exception {}

    public static void main(String[] arguments) throws Exception {
        ProxyBenchmark benchmark = new ProxyBenchmark();
        Path work = Files.createTempDirectory("httun-proxy-benchmark");
        try {
            if (arguments.length > 2) {
                long pid = Long.parseLong(arguments[3]);
                benchmark.run(work, new ProxyWay("httun", Integer.parseInt(arguments[2]), true), pid);
            } else {
                benchmark.withDistribution(Path.of(arguments[0]), work);
            }
        } finally {
            benchmark.report.write(Path.of(arguments[1]));
            KarafProcess.run("rm", "-rf", work.toString());
        }
        System.exit(0);
    }

    private void withDistribution(Path distribution, Path work) throws Exception {
        int port = KarafProcess.freePort();
        Policies policies = new Policies();
        Map<String, String> files = policies.files();
        files.put(
                "io.httun.listener.connect-bench.cfg",
                "name=bench\nbind=127.0.0.1:" + port + "\nconnections.max=20000\n");
        files.put("io.httun.connector.direct-direct.cfg", "name=direct\nconnections.max=20000\n");
        try (KarafProcess karaf =
                new KarafProcess(distribution, work.resolve("karaf"), "client", KarafProcess.freePort(), files, HEAP)) {
            ProxyProcess.await(port);
            run(work, new ProxyWay("httun", port, true), karaf.pid());
            policies.measure(report, target);
        }
    }

    private void run(Path work, ProxyWay httun, long pid) throws Exception {
        List<ProxyProcess> programs = new ArrayList<>();
        try {
            ProxyProcess.tinyproxy(work).ifPresent(programs::add);
            Optional<ProxyProcess> toBulk = ProxyProcess.haproxy(work, target.bulkPort(), "bulk");
            Optional<ProxyProcess> toEcho = ProxyProcess.haproxy(work, target.echoPort(), "echo");
            toBulk.ifPresent(programs::add);
            toEcho.ifPresent(programs::add);
            idle(httun, pid);
            new ProxyWork(httun, target).download(WARM_UP);
            new ProxyWork(httun, target).upload(WARM_UP);
            new ProxyWork(httun, target).connections(AT_ONCE, CONNECTIONS_EACH);
            List<ProxyWay> all = new ArrayList<>(List.of(new ProxyWay("direct", 0, false), httun));
            programs.stream().filter(one -> one != toEcho.orElse(null)).forEach(one -> all.add(one.way()));
            for (ProxyWay way : all) {
                bulk(way, way.equals(httun) ? pid : 0);
            }
            toBulk.ifPresent(one -> all.remove(one.way()));
            toEcho.ifPresent(one -> all.add(one.way()));
            for (ProxyWay way : all) {
                small(way, way.equals(httun) ? pid : 0);
            }
        } finally {
            programs.forEach(ProxyProcess::close);
        }
    }

    private void bulk(ProxyWay way, long pid) throws Exception {
        ProxyWork work = new ProxyWork(way, target);
        double before = Proc.cpuSeconds(pid);
        report.add("bulk down, 1 connection (MiB/s)", way.name(), work.download(BULK));
        report.add("bulk up, 1 connection (MiB/s)", way.name(), work.upload(BULK));
        if (pid != 0) {
            report.add(
                    "CPU of the proxy, bulk (s/GiB)", way.name(), (Proc.cpuSeconds(pid) - before) * (1L << 29) / BULK);
        }
    }

    private void small(ProxyWay way, long pid) throws Exception {
        ProxyWork work = new ProxyWork(way, target);
        double before = Proc.cpuSeconds(pid);
        report.add("connections per second, 16 at once", way.name(), work.connections(AT_ONCE, CONNECTIONS_EACH));
        if (pid != 0) {
            double each = (Proc.cpuSeconds(pid) - before) * 1e6 / (AT_ONCE * CONNECTIONS_EACH);
            report.add("CPU of the proxy (us/connection)", way.name(), each);
        }
        double[] times = work.exchanges(EXCHANGES);
        report.add("request/response, 1 byte, p50 (ms)", way.name(), times[0]);
        report.add("request/response, 1 byte, p99 (ms)", way.name(), times[1]);
        if (way.port() != 0) {
            times = work.exchangesBeside(BUSY, "127.0.0.2", EXCHANGES / 10);
            report.add("the same beside 50 busy of another source, p99", way.name(), times[1]);
        }
    }

    private void idle(ProxyWay httun, long pid) throws Exception {
        long before = Proc.residentKiB(pid);
        int count = (int) Math.min(IDLE, (Proc.openFilesMax(pid) - OTHER_FILES) / 2);
        List<Socket> open = new ProxyWork(httun, target).idle(count);
        ProxyWork.answerAll(open);
        double each = (Proc.residentKiB(pid) - before) / (double) count;
        report.add("idle relays that all answer", httun.name(), count);
        report.add("an idle relay (KiB)", httun.name(), each);
        report.add("resident size with them (MiB)", httun.name(), Proc.residentKiB(pid) / KIB_PER_MIB);
        for (Socket socket : open) {
            socket.close();
        }
    }
}
