// SPDX-License-Identifier: Apache-2.0
package io.httun.benchmarks.tunnel;

import io.httun.testpeers.StockServer;
import io.httun.testrig.DelayRelay;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/**
 * Measures the tunnel end to end: a server and a client, each a Karaf of its own, targets and delay in this process.
 * Arguments: the unpacked distribution, and the JSON file to write.
 */
public final class TunnelBenchmark {
    private static final long ONE_WAY_MILLIS = 20;
    private static final long BULK = 512L << 20;
    private static final long BULK_FAR = 32L << 20;
    private static final long WARM_UP = 768L << 20;
    /** Bulk alone warms little up: a batch is one request. */
    private static final int WARM_UP_EXCHANGES = 10_000;

    private static final int MANY = 500;
    private static final long HELD_SECONDS = 6;
    private static final String HEAP = "256m";
    private static final String SERVER = "server --endpoint=cxf,netty,fcgi";
    /** As on the stock wire. */
    private static final String SINGLE_FRAMES = "standalone, single frames";

    private static final String LIGHTTPD = "lighttpd FastCGI";

    private TunnelBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        Path distribution = Path.of(arguments[0]);
        Path work = Files.createTempDirectory("httun-benchmark");
        byte[] secret = Secret.random();
        Path key = Secret.file(work, "key", Secret.hex(secret));
        int http = KarafProcess.freePort();
        int standalone = KarafProcess.freePort();
        int standaloneTls = KarafProcess.freePort();
        Report report = new Report();
        try (TargetServer target = new TargetServer();
                DelayRelay carrier = new DelayRelay(http, ONE_WAY_MILLIS);
                DelayRelay direct = new DelayRelay(target.port(), ONE_WAY_MILLIS);
                StockServer stock = StockServer.builder().channel(1, secret).start()) {
            Map<String, Integer> clients = new LinkedHashMap<>();
            Map<String, String> files = new LinkedHashMap<>();
            Map<String, String> server = new LinkedHashMap<>();
            server.put("io.httun.channel-bench.cfg", "name=bench\nid=1\nfilters=none\nsecret.file=" + key + "\n");
            server.put("io.httun.endpoint.netty-bench.cfg", standalone(work, standalone, standaloneTls));
            client(files, clients, "standalone", "http://127.0.0.1:" + standalone, key);
            client(files, clients, SINGLE_FRAMES, "http://127.0.0.1:" + standalone, key);
            client(files, clients, "standalone TLS", "https://127.0.0.1:" + standaloneTls, key);
            client(files, clients, "tunnel", "http://127.0.0.1:" + http + "/httun", key);
            client(files, clients, "tunnel 40 ms", "http://127.0.0.1:" + carrier.port() + "/httun", key);
            int web = KarafProcess.freePort();
            Path socket = work.resolve("fcgi.sock");
            server.put("io.httun.endpoint.fcgi-default.cfg", "listen=unix:" + socket + "\n");
            client(files, clients, LIGHTTPD, "http://127.0.0.1:" + web + "/httun", key);
            client(files, clients, "stock server", "http://127.0.0.1:" + stock.port(), key);
            try (KarafProcess serving =
                            new KarafProcess(distribution, work.resolve("server"), SERVER, http, server, HEAP);
                    KarafProcess karaf = new KarafProcess(
                            distribution, work.resolve("client"), "client", KarafProcess.freePort(), files, HEAP)) {
                var near = new Route("direct", OptionalInt.empty());
                var tunnel = through(clients, "tunnel");
                await(tunnel, target.port());
                report.add("resident size, idle (MiB)", "server", serving.residentMiB());
                report.add("resident size, idle (MiB)", "client", karaf.residentMiB());
                var fast = through(clients, "standalone");
                var fastTls = through(clients, "standalone TLS");
                await(fast, target.port());
                var single = through(clients, SINGLE_FRAMES);
                for (var path : List.of(near, tunnel, fast, single, fastTls)) {
                    measure(report, new Work(path, target.port()), path.name(), BULK, 2000, true);
                }
                report.add(
                        "500 connections at once, 1 MiB each way (MiB/s)",
                        "direct",
                        new Work(near, target.port()).bulk(TargetServer.BOTH, MANY, 1 << 20));
                report.add(
                        "500 connections at once, 1 MiB each way (MiB/s)",
                        "tunnel",
                        new Work(tunnel, target.port()).bulk(TargetServer.BOTH, MANY, 1 << 20));
                measure(report, new Work(near, direct.port()), "direct 40 ms", BULK_FAR, 100, false);
                var far = through(clients, "tunnel 40 ms");
                measure(report, new Work(far, target.port()), far.name(), BULK_FAR, 100, false);
                if (Files.isExecutable(FcgiLighttpd.PROGRAM)) {
                    try (FcgiLighttpd lighttpd = new FcgiLighttpd(distribution, work, web, socket)) {
                        var behind = through(clients, LIGHTTPD);
                        await(behind, target.port());
                        lighttpd.check();
                        measure(report, new Work(behind, target.port()), LIGHTTPD, BULK, 2000, true);
                    }
                }
                Work toStock = new Work(through(clients, "stock server"), target.port());
                toStock.bulk(TargetServer.UPLOAD, 1, WARM_UP);
                // Such a server holds the last r of a connection before the next can begin.
                TimeUnit.SECONDS.sleep(HELD_SECONDS);
                report.add("bulk up, 1 connection (MiB/s)", "stock server", toStock.bulk(TargetServer.UPLOAD, 1, BULK));
                report.add("resident size, after (MiB)", "server", serving.residentMiB());
                report.add("resident size, after (MiB)", "client", karaf.residentMiB());
            } finally {
                report.write(Path.of(arguments[1]));
                KarafProcess.run("rm", "-rf", work.toString());
            }
        }
        System.exit(0);
    }

    private static void measure(Report report, Work work, String path, long bytes, int exchanges, boolean warmUp)
            throws Exception {
        if (warmUp) {
            work.bulk(TargetServer.UPLOAD, 1, WARM_UP);
            work.bulk(TargetServer.DOWNLOAD, 1, WARM_UP);
        }
        report.add("bulk up, 1 connection (MiB/s)", path, work.bulk(TargetServer.UPLOAD, 1, bytes));
        report.add("bulk down, 1 connection (MiB/s)", path, work.bulk(TargetServer.DOWNLOAD, 1, bytes));
        report.add("bulk up, 8 connections (MiB/s)", path, work.bulk(TargetServer.UPLOAD, 8, bytes / 8));
        report.add("bulk down, 8 connections (MiB/s)", path, work.bulk(TargetServer.DOWNLOAD, 8, bytes / 8));
        double[] times = work.exchanges(warmUp ? WARM_UP_EXCHANGES : exchanges, exchanges);
        report.add("request/response, 1 byte, p50 (ms)", path, times[0]);
        report.add("request/response, 1 byte, p99 (ms)", path, times[1]);
        report.add("connections per second, 8 at once", path, work.connections(8, exchanges / 10));
    }

    static void client(Map<String, String> files, Map<String, Integer> clients, String name, String url, Path key)
            throws IOException {
        String id = name.replaceAll("\\W+", "-");
        int port = KarafProcess.freePort();
        clients.put(name, port);
        files.put(
                "io.httun.client-" + id + ".cfg",
                "name=" + id + "\nid=1\nurls=" + url + "\nsecret.file=" + key + "\ntls.trust=none\nhttp.batches="
                        + !name.equals(SINGLE_FRAMES) + "\n");
        files.put(
                "io.httun.listener.socks-" + id + ".cfg",
                "name=" + id + "\nbind=127.0.0.1:" + port + "\nconnector.target=(name=" + id + ")\n");
    }

    /** The standalone HTTP server, plain and with a certificate of its own. */
    private static String standalone(Path work, int port, int tlsPort) throws Exception {
        Path store = work.resolve("server.p12");
        Path password = Files.writeString(work.resolve("password"), "benchmark");
        KarafProcess.run(("keytool -genkeypair -keyalg EC -groupname secp256r1 -dname CN=localhost -storetype PKCS12"
                        + " -storepass benchmark -alias a -keystore " + store)
                .split(" "));
        return "name=bench\nlisten=127.0.0.1:" + port + ", tls:127.0.0.1:" + tlsPort + "\ntls.certificate.file=" + store
                + "\ntls.password.file=" + password + "\n";
    }

    static Route through(Map<String, Integer> clients, String name) {
        return new Route(name, OptionalInt.of(clients.get(name)));
    }

    static void await(Route path, int target) throws Exception {
        for (int tries = 0; ; tries++) {
            try (Socket socket = path.open(target)) {
                socket.getOutputStream().write(new byte[] {'D', 0, 0, 0, 0, 0, 0, 0, 1});
                BulkPattern.check(socket.getInputStream(), 1);
                return;
            } catch (IOException e) {
                if (tries > 120) {
                    throw e;
                }
                TimeUnit.MILLISECONDS.sleep(500);
            }
        }
    }
}
