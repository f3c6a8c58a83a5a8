// SPDX-License-Identifier: Apache-2.0
package io.httun.benchmarks.tunnel;

import io.httun.testpeers.Flood;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Measures what strangers do to each endpoint: how fast a transfer is beside their garbage, what they fill, and what they can
 * tell from refusals. Arguments: the unpacked distribution, and the JSON file to write.
 */
public final class AttackBenchmark {
    private static final long BULK = 512L << 20;
    private static final long WARM_UP = 768L << 20;
    private static final int ROUNDS = 10_000;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final String SERVER = "server --endpoint=cxf,netty,fcgi";

    private AttackBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        Path distribution = Path.of(arguments[0]);
        Path work = Files.createTempDirectory("httun-attacks");
        Path key = Secret.file(work, "key", Secret.randomHex());
        int cxf = KarafProcess.freePort();
        int netty = KarafProcess.freePort();
        int web = KarafProcess.freePort();
        Path socket = work.resolve("fcgi.sock");
        Map<String, String> urls = new LinkedHashMap<>();
        urls.put("standalone", "http://127.0.0.1:" + netty);
        urls.put("CXF", "http://127.0.0.1:" + cxf + "/httun");
        if (Files.isExecutable(FcgiLighttpd.PROGRAM)) {
            urls.put("lighttpd FastCGI", "http://127.0.0.1:" + web + "/httun");
        }
        Map<String, String> server = new LinkedHashMap<>();
        server.put("io.httun.server.cfg", "strangers.per.second=500\n");
        server.put("io.httun.channel-one.cfg", "name=one\nid=1\nfilters=none\nsecret.file=" + key + "\n");
        server.put(
                "io.httun.channel-two.cfg",
                "name=two\nid=2\nfilters=none\nsecret.file=" + Secret.file(work, "key2", Secret.randomHex())
                        + "\nbasic.auth.file=" + Secret.file(work, "auth", "user:right") + "\n");
        server.put("io.httun.endpoint.netty-one.cfg", "name=one\nlisten=127.0.0.1:" + netty + "\n");
        server.put("io.httun.endpoint.fcgi-default.cfg", "listen=unix:" + socket + "\n");
        Map<String, String> files = new LinkedHashMap<>();
        Map<String, Integer> clients = new LinkedHashMap<>();
        for (Map.Entry<String, String> url : urls.entrySet()) {
            TunnelBenchmark.client(files, clients, url.getKey(), url.getValue(), key);
        }
        Report report = new Report();
        try (TargetServer target = new TargetServer();
                KarafProcess serving =
                        new KarafProcess(distribution, work.resolve("server"), SERVER, cxf, server, "256m");
                KarafProcess client = new KarafProcess(
                        distribution, work.resolve("client"), "client", KarafProcess.freePort(), files, "256m");
                FcgiLighttpd front = urls.size() > 2 ? new FcgiLighttpd(distribution, work, web, socket) : null) {
            if (front != null) {
                front.check();
            }
            for (String path : clients.keySet()) {
                Route route = TunnelBenchmark.through(clients, path);
                TunnelBenchmark.await(route, target.port());
                Work through = new Work(route, target.port());
                through.bulk(TargetServer.UPLOAD, 1, WARM_UP);
                through.bulk(TargetServer.DOWNLOAD, 1, WARM_UP);
                report.add("bulk up, alone (MiB/s)", path, through.bulk(TargetServer.UPLOAD, 1, BULK));
                report.add("bulk down, alone (MiB/s)", path, through.bulk(TargetServer.DOWNLOAD, 1, BULK));
                long lines = lines(work.resolve("server"));
                long begin = System.nanoTime();
                try (Flood flood = new Flood(urls.get(path))) {
                    report.add("bulk up, beside garbage (MiB/s)", path, through.bulk(TargetServer.UPLOAD, 1, BULK));
                    report.add("bulk down, beside garbage (MiB/s)", path, through.bulk(TargetServer.DOWNLOAD, 1, BULK));
                    double seconds = (System.nanoTime() - begin) / NANOS_PER_SECOND;
                    report.add("garbage, requests per second", path, flood.sent() / seconds);
                    report.add("log lines per second", path, (lines(work.resolve("server")) - lines) / seconds);
                }
                report.add("resident size of the server (MiB)", path, serving.residentMiB());
                report.add("resident size of the client (MiB)", path, client.residentMiB());
            }
            // Otherwise most of them would be told to come again.
            Files.writeString(work.resolve("server/etc/io.httun.server.cfg"), "strangers.per.second=100000\n");
            Thread.sleep(5_000);
            for (Map.Entry<String, String> url : urls.entrySet()) {
                new RefusalTiming(url.getValue(), 1, 2, 3).compare(url.getKey(), ROUNDS);
            }
        } finally {
            report.write(Path.of(arguments[1]));
            KarafProcess.run("rm", "-rf", work.toString());
        }
        System.exit(0);
    }

    /** Of all logs there. */
    private static long lines(Path karaf) throws IOException {
        long count = 0;
        try (Stream<Path> all = Files.walk(karaf)) {
            for (Path log : all.filter(file -> file.toString().endsWith(".log")).toList()) {
                try (Stream<String> lines = Files.lines(log)) {
                    count += lines.count();
                }
            }
        }
        return count;
    }
}
