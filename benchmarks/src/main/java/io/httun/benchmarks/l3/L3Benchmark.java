// SPDX-License-Identifier: Apache-2.0
package io.httun.benchmarks.l3;

import io.httun.benchmarks.tunnel.KarafProcess;
import io.httun.benchmarks.tunnel.Report;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Measures whole networks through the tunnel with iperf3 and ping: two namespaces, a Karaf in each, and the cable between them as what
 * it is compared with. Needs root. Arguments: the unpacked distribution, and the JSON file to write.
 */
public final class L3Benchmark {
    private static final int SERVER = 1;
    private static final int CLIENT = 2;
    private static final int WARM_UP_SECONDS = 10;
    private static final int SECONDS = 10;
    private static final int TRIES = 60;

    private L3Benchmark() {}

    public static void main(String[] arguments) throws Exception {
        Path distribution = Path.of(arguments[0]);
        Path work = Files.createTempDirectory("httun-l3");
        byte[] secret = new byte[32];
        new SecureRandom().nextBytes(secret);
        Path key = Files.createFile(
                work.resolve("key"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(key, HexFormat.of().formatHex(secret));
        Report report = new Report();
        try (Hosts hosts = new Hosts()) {
            Process iperf = hosts.start(SERVER, work.resolve("iperf.log").toFile(), "iperf3", "-s");
            try {
                TimeUnit.SECONDS.sleep(1);
                measure(report, hosts, "10.77.0.1", "direct", 0);
                for (int mtu : new int[] {63_488, 1400}) {
                    tunnel(report, hosts, distribution, work, key, mtu);
                }
            } finally {
                iperf.destroy();
                iperf.waitFor();
            }
        } finally {
            report.write(Path.of(arguments[1]));
            KarafProcess.run("rm", "-rf", work.toString());
        }
        System.exit(0);
    }

    private static void tunnel(Report report, Hosts hosts, Path distribution, Path work, Path key, int mtu)
            throws Exception {
        Path server = base(distribution, work.resolve("server-" + mtu));
        Files.writeString(
                server.resolve("etc/io.httun.tun-l3.cfg"),
                "name=l3\ndevice=httun-s-l3\nmtu=" + mtu + "\naddresses=10.9.0.1/24\n");
        Files.writeString(
                server.resolve("etc/io.httun.channel-l3.cfg"),
                "name=l3\nid=5\nsecret.file=" + key + "\ntun.target=(name=l3)\n");
        Files.writeString(server.resolve("etc/io.httun.endpoint.netty-l3.cfg"), "name=l3\nlisten=10.77.0.1:8080\n");
        Path client = base(distribution, work.resolve("client-" + mtu));
        Files.writeString(
                client.resolve("etc/io.httun.tun-l3.cfg"), "name=l3\nmtu=" + mtu + "\naddresses=10.9.0.2/24\n");
        Files.writeString(
                client.resolve("etc/io.httun.client-l3.cfg"),
                "name=l3\nid=5\nurls=http://10.77.0.1:8080\nmode=tun\ntun.target=(name=l3)\nsecret.file=" + key + "\n");
        Process serving = karaf(hosts, SERVER, distribution, server, "server");
        Process calling = karaf(hosts, CLIENT, distribution, client, "client");
        try {
            await(hosts);
            measure(report, hosts, "10.9.0.1", "tunnel, MTU " + mtu, WARM_UP_SECONDS);
        } finally {
            end(calling);
            end(serving);
        }
    }

    private static Path base(Path distribution, Path base) throws Exception {
        Files.createDirectories(base);
        KarafProcess.run("cp", "-a", distribution.resolve("etc").toString(), base.toString());
        Path features = base.resolve("etc/org.apache.karaf.features.cfg");
        Files.writeString(
                features, Files.readString(features).replace("${httun.features}", "${httun.features},httun-tun"));
        return base;
    }

    private static Process karaf(Hosts hosts, int host, Path distribution, Path base, String mode) throws Exception {
        File log = base.resolve("out.log").toFile();
        return hosts.start(
                host, log, "env", "HTTUN_BASE=" + base, "JAVA_OPTS=-Xmx256m", distribution + "/bin/httun", mode);
    }

    private static void end(Process karaf) throws InterruptedException {
        karaf.destroy();
        if (!karaf.waitFor(30, TimeUnit.SECONDS)) {
            karaf.destroyForcibly();
        }
    }

    private static void await(Hosts hosts) throws Exception {
        for (int i = 0; ; i++) {
            try {
                hosts.sh(CLIENT, "ping -c 1 -W 1 10.9.0.1");
                return;
            } catch (java.io.IOException e) {
                if (i == TRIES) {
                    throw e;
                }
                TimeUnit.MILLISECONDS.sleep(500);
            }
        }
    }

    private static void measure(Report report, Hosts hosts, String address, String path, int warmUp) throws Exception {
        if (warmUp > 0) {
            iperf(hosts, address, warmUp, "");
            iperf(hosts, address, warmUp, "-R");
        }
        report.add("TCP, client to server (Gbit/s)", path, iperf(hosts, address, SECONDS, ""));
        report.add("TCP, server to client (Gbit/s)", path, iperf(hosts, address, SECONDS, "-R"));
        report.add("ping, idle, average (ms)", path, ping(hosts, address, "-i 0.05 -c 100")[1]);
        Process load = hosts.start(
                CLIENT, new File("/dev/null"), "iperf3", "-c", address, "-t", Integer.toString(SECONDS + 2));
        double[] busy = ping(hosts, address, "-i 0.1 -c " + 10 * SECONDS);
        load.waitFor();
        report.add("ping during a full upload, average (ms)", path, busy[1]);
        report.add("ping during a full upload, longest (ms)", path, busy[2]);
    }

    private static double iperf(Hosts hosts, String address, int seconds, String more) throws Exception {
        String said = hosts.sh(CLIENT, "iperf3 -c " + address + " -f m -t " + seconds + " " + more);
        Matcher rate = Pattern.compile("([0-9.]+) Mbits/sec\\s+receiver").matcher(said);
        if (!rate.find()) {
            throw new IllegalStateException(said);
        }
        return Double.parseDouble(rate.group(1)) / 1000;
    }

    /** Shortest, average, longest. */
    private static double[] ping(Hosts hosts, String address, String how) throws Exception {
        String said = hosts.sh(CLIENT, "ping -q " + how + " " + address);
        Matcher times = Pattern.compile("= ([0-9.]+)/([0-9.]+)/([0-9.]+)/").matcher(said);
        if (!times.find()) {
            throw new IllegalStateException(said);
        }
        return new double[] {
            Double.parseDouble(times.group(1)), Double.parseDouble(times.group(2)), Double.parseDouble(times.group(3))
        };
    }
}
