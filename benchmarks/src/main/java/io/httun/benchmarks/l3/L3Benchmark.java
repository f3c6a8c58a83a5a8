// SPDX-License-Identifier: Apache-2.0
package io.httun.benchmarks.l3;

import io.httun.benchmarks.tunnel.KarafProcess;
import io.httun.benchmarks.tunnel.Report;
import io.httun.benchmarks.tunnel.Secret;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Measures whole networks through the tunnel with iperf3 and ping: two namespaces, an end of the tunnel in each, and the cable between them as what
 * it is compared with. Needs root. Where the environment's HTTUN_STOCK names the folder of the stock programs, they are measured as well, with
 * each other and with ours. Arguments: the unpacked distribution, and the JSON file to write.
 */
public final class L3Benchmark {
    private static final int SERVER = 1;
    private static final int CLIENT = 2;
    private static final int WARM_UP_SECONDS = 10;
    private static final int SECONDS = 10;
    private static final int TRIES = 60;
    private static final int LARGE = 63_488;
    private static final int SMALL = 1400;

    private L3Benchmark() {}

    public static void main(String[] arguments) throws Exception {
        Path work = Files.createTempDirectory("httun-l3");
        String secret = Secret.randomHex();
        Report report = new Report();
        try (Hosts hosts = new Hosts()) {
            Process iperf = hosts.start(SERVER, work.resolve("iperf.log").toFile(), "iperf3", "-s");
            try {
                TimeUnit.SECONDS.sleep(1);
                measure(report, hosts, "10.77.0.1", "direct", 0);
                TunEnds ours = new OurEnds(hosts, Path.of(arguments[0]), work, secret);
                for (int mtu : new int[] {LARGE, SMALL}) {
                    tunnel(report, hosts, ours, ours, mtu, "tunnel");
                }
                String folder = System.getenv("HTTUN_STOCK");
                if (folder != null) {
                    TunEnds stock = new StockEnds(hosts, Path.of(folder), work, secret);
                    for (int mtu : new int[] {LARGE, SMALL}) {
                        tunnel(report, hosts, stock, stock, mtu, "stock");
                    }
                    tunnel(report, hosts, ours, stock, LARGE, "stock client");
                    tunnel(report, hosts, stock, ours, LARGE, "stock server");
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

    private static void tunnel(Report report, Hosts hosts, TunEnds servers, TunEnds clients, int mtu, String name)
            throws Exception {
        Process serving = servers.server(SERVER, mtu);
        Process calling = null;
        try {
            calling = clients.client(CLIENT, mtu);
            await(hosts);
            measure(report, hosts, "10.9.0.1", name + ", MTU " + mtu, WARM_UP_SECONDS);
        } finally {
            if (calling != null) {
                end(calling);
            }
            end(serving);
            // Ours leave it, with its address.
            hosts.sh(SERVER, "ip link delete " + TunEnds.SERVER_DEVICE + " || true");
            hosts.sh(CLIENT, "ip link delete " + TunEnds.CLIENT_DEVICE + " || true");
        }
    }

    private static void end(Process process) throws InterruptedException {
        process.destroy();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            process.destroyForcibly();
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
