// SPDX-License-Identifier: Apache-2.0
package io.httun.benchmarks.proxy;

import io.httun.api.target.TargetConnector;
import io.httun.benchmarks.tunnel.Report;
import io.httun.endpoint.netty.MountedEndpoint;
import io.httun.testrig.Programs;
import io.httun.testrig.TunnelRig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Measures the other tunnels, one connection each way on loopback, all of ours in this one process. Argument: the JSON file to write. */
public final class OthersBenchmark {
    private static final long WARM_UP = 1L << 29;
    private static final long BULK = 1L << 29;

    private final Report report = new Report();
    private final ProxyTarget target = new ProxyTarget();
    private final TunnelRig rig = new TunnelRig();

    private OthersBenchmark() throws Exception {}

    public static void main(String[] arguments) throws Exception {
        OthersBenchmark benchmark = new OthersBenchmark();
        try (Programs programs = new Programs(Files.createTempDirectory("httun-others"))) {
            benchmark.run(programs);
        } finally {
            benchmark.report.write(Path.of(arguments[0]));
        }
        System.exit(0);
    }

    private void run(Programs programs) throws Exception {
        String to = "127.0.0.1:" + target.bulkPort();
        var bridge = new io.httun.bridge.BridgeComponent(
                rig.loops(), rig.engine(), rig.direct(), Map.of("name", "bench", "filters", "none"));
        int endpoint = new MountedEndpoint(rig.loops(), bridge, "/bridge").port();
        measure("bridge", new io.httun.bridge.BridgeConnector(rig.admission(), rig.direct(), client(endpoint)));

        var erltunnel = new io.httun.erltunnel.ErltunnelServer(
                rig.loops(),
                rig.engine(),
                rig.direct(),
                Map.of("name", "bench", "filters", "none", "bind", "127.0.0.1:0"));
        erltunnel.start();
        measure(
                "Erltunnel",
                new io.httun.erltunnel.ErltunnelConnector(
                        rig.admission(), rig.direct(), client(TunnelRig.portOf(erltunnel.port()))));

        var gnu = new io.httun.gnuhttptunnel.GnuHttptunnelServer(
                rig.loops(), rig.engine(), rig.direct(), Map.of("name", "bench", "target", to, "bind", "127.0.0.1:0"));
        gnu.start();
        int port = TunnelRig.portOf(gnu.port());
        measure("GNU httptunnel", gnuClient(port));
        if (Programs.isThere("htc") && Programs.isThere("hts")) {
            int local = Programs.freePort();
            programs.start("htc", "-w", "-F", "" + local, "-c", "2000000000", "127.0.0.1:" + port);
            Programs.awaitListening(local);
            measure("GNU httptunnel, stock htc", local);
            int stock = Programs.freePort();
            programs.start("hts", "-w", "-F", to, "-c", "2000000000", "127.0.0.1:" + stock);
            Programs.awaitListening(stock);
            measure("GNU httptunnel, stock hts", gnuClient(stock));
        }
    }

    private TargetConnector gnuClient(int port) {
        return new io.httun.gnuhttptunnel.GnuHttptunnelConnector(rig.admission(), rig.direct(), client(port));
    }

    private static Map<String, Object> client(int port) {
        return Map.of("name", "bench", "server", "127.0.0.1:" + port);
    }

    private void measure(String name, TargetConnector connector) throws IOException {
        measure(name, rig.local(connector, "127.0.0.1:" + target.bulkPort()));
    }

    private void measure(String name, int port) throws IOException {
        ProxyWay way = new ProxyWay(name, port, false);
        new ProxyWork(way, target).download(WARM_UP);
        new ProxyWork(way, target).upload(WARM_UP);
        report.add("other tunnels, bulk down (MiB/s)", name, new ProxyWork(way, target).download(BULK));
        report.add("other tunnels, bulk up (MiB/s)", name, new ProxyWork(way, target).upload(BULK));
    }
}
