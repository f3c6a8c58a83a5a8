// SPDX-License-Identifier: Apache-2.0
package io.httun.benchmarks.tunnel;

import io.httun.benchmarks.proxy.Proc;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/**
 * A tunnel that is measured beside others: a server, and a client with a SOCKS port for each delay between the two.
 *
 * @param routes by the round trip in milliseconds
 * @param processes the server and the clients
 */
record Contender(String name, Map<Integer, Route> routes, List<Process> processes) implements AutoCloseable {
    /** {@code CHISEL} over plain HTTP, whose own encryption is SSH. */
    static Contender chisel(String program, Delays delays) throws Exception {
        int port = KarafProcess.freePort();
        var parts = new Parts(program);
        parts.start("server", "--socks5", "--host", "127.0.0.1", "--port", "" + port);
        for (int delay : delays.all()) {
            int socks = KarafProcess.freePort();
            parts.start("client", "http://127.0.0.1:" + delays.port(port, delay), "127.0.0.1:" + socks + ":socks");
            parts.route("chisel", delay, socks);
        }
        return parts.contender("chisel");
    }

    /** {@code WSTUNNEL} over TLS, its only encryption. */
    static Contender wstunnel(String program, Delays delays) throws Exception {
        int port = KarafProcess.freePort();
        var parts = new Parts(program);
        parts.start("server", "--log-lvl", "OFF", "wss://127.0.0.1:" + port);
        for (int delay : delays.all()) {
            int socks = KarafProcess.freePort();
            parts.start(
                    "client",
                    "--log-lvl",
                    "OFF",
                    "-L",
                    "socks5://127.0.0.1:" + socks,
                    "wss://127.0.0.1:" + delays.port(port, delay));
            parts.route("wstunnel", delay, socks);
        }
        return parts.contender("wstunnel");
    }

    /** Two Karafs with the standalone endpoint over plain HTTP. */
    static Contender httun(Path distribution, Path work, Delays delays, String heap) throws Exception {
        Path key = Secret.file(work, "key", Secret.randomHex());
        int port = KarafProcess.freePort();
        Map<String, String> server = Map.of(
                "io.httun.channel-bench.cfg",
                "name=bench\nid=1\nfilters=none\nsecret.file=" + key + "\n",
                "io.httun.endpoint.netty-bench.cfg",
                "name=bench\nlisten=127.0.0.1:" + port + "\n");
        Map<String, String> files = new LinkedHashMap<>();
        Map<String, Integer> ports = new LinkedHashMap<>();
        Map<Integer, Route> routes = new LinkedHashMap<>();
        for (int delay : delays.all()) {
            String name = "after-" + delay;
            TunnelBenchmark.client(files, ports, name, "http://127.0.0.1:" + delays.port(port, delay), key);
            routes.put(delay, new Route("httun " + delay + " ms", OptionalInt.of(ports.get(name))));
        }
        int web = KarafProcess.freePort();
        var serving =
                new KarafProcess(distribution, work.resolve("server"), "server --endpoint=netty", web, server, heap);
        var client =
                new KarafProcess(distribution, work.resolve("client"), "client", KarafProcess.freePort(), files, heap);
        return new Contender("httun", routes, List.of(serving.process(), client.process()));
    }

    private static final class Parts {
        private final String program;
        private final Map<Integer, Route> routes = new LinkedHashMap<>();
        private final List<Process> processes = new ArrayList<>();

        Parts(String program) {
            this.program = program;
        }

        void start(String... arguments) throws IOException {
            List<String> command = new ArrayList<>(List.of(program));
            command.addAll(Arrays.asList(arguments));
            processes.add(new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(new File("/dev/null"))
                    .start());
        }

        void route(String name, int delay, int socks) {
            routes.put(delay, new Route(name + " " + delay + " ms", OptionalInt.of(socks)));
        }

        Contender contender(String name) {
            return new Contender(name, routes, processes);
        }
    }

    /** Of the server and of the busiest client, in KiB. */
    long[] residentKiB() throws IOException {
        return new long[] {
            Proc.residentKiB(processes.get(0).pid()),
            Proc.residentKiB(processes.get(1).pid())
        };
    }

    @Override
    public void close() {
        processes.forEach(Process::destroy);
        for (Process process : processes) {
            try {
                if (!process.waitFor(30, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
