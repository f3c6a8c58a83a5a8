// SPDX-License-Identifier: Apache-2.0
package io.httun.benchmarks.tunnel;

import io.httun.benchmarks.proxy.Proc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;

/**
 * Full load for long: 500 connections at a time through server and client, each 1 MiB both ways, every byte checked, the next one at once. Prints
 * each minute what arrived, what failed and what both keep on their heaps after a collection. Arguments: the unpacked distribution, and minutes.
 */
public final class LoadBenchmark {
    private static final int CONNECTIONS = 500;
    private static final int BYTES = 1 << 20;
    private static final int KIB_IN_MIB = 1024;

    private LoadBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        Path distribution = Path.of(arguments[0]);
        long minutes = Long.parseLong(arguments[1]);
        Path work = Files.createTempDirectory("httun-load");
        Path key = Secret.file(work, "key", Secret.randomHex());
        int standalone = KarafProcess.freePort();
        Map<String, String> server = Map.of(
                "io.httun.channel-load.cfg", "name=load\nid=1\nfilters=none\nsecret.file=" + key + "\n",
                "io.httun.endpoint.netty-load.cfg", "name=load\nlisten=127.0.0.1:" + standalone + "\n");
        Map<String, String> files = new LinkedHashMap<>();
        Map<String, Integer> clients = new LinkedHashMap<>();
        TunnelBenchmark.client(files, clients, "load", "http://127.0.0.1:" + standalone, key);
        LongAdder whole = new LongAdder();
        LongAdder failed = new LongAdder();
        AtomicBoolean enough = new AtomicBoolean();
        ExecutorService threads = Executors.newFixedThreadPool(CONNECTIONS);
        try (TargetServer target = new TargetServer();
                KarafProcess serving = new KarafProcess(
                        distribution, work.resolve("server"), "server", KarafProcess.freePort(), server, "256m");
                KarafProcess client = new KarafProcess(
                        distribution, work.resolve("client"), "client", KarafProcess.freePort(), files, "256m")) {
            Route route = TunnelBenchmark.through(clients, "load");
            TunnelBenchmark.await(route, target.port());
            Work through = new Work(route, target.port());
            for (int i = 0; i < CONNECTIONS; i++) {
                threads.execute(() -> transferAgainAndAgain(through, enough, whole, failed));
            }
            for (long minute = 1; minute <= minutes; minute++) {
                long before = whole.sum();
                TimeUnit.MINUTES.sleep(1);
                long moved = whole.sum() - before;
                System.out.printf(
                        Locale.ROOT,
                        "minute %d: %d connections whole, %d failed so far, %d MiB/s each way; heap after a collection %d and %d MiB, resident %d and %d MiB (server, client)%n",
                        minute,
                        whole.sum(),
                        failed.sum(),
                        moved * BYTES / (60L << 20),
                        Proc.heapKiB(serving.pid()) / KIB_IN_MIB,
                        Proc.heapKiB(client.pid()) / KIB_IN_MIB,
                        serving.residentMiB(),
                        client.residentMiB());
            }
            enough.set(true);
            threads.shutdown();
            if (!threads.awaitTermination(2, TimeUnit.MINUTES)) {
                throw new IOException("connections hang");
            }
            System.out.printf(
                    Locale.ROOT,
                    "at the end, idle: heap after a collection %d and %d MiB; %d connections failed%n",
                    Proc.heapKiB(serving.pid()) / KIB_IN_MIB,
                    Proc.heapKiB(client.pid()) / KIB_IN_MIB,
                    failed.sum());
        } finally {
            KarafProcess.run("rm", "-rf", work.toString());
        }
        System.exit(failed.sum() == 0 ? 0 : 1);
    }

    private static void transferAgainAndAgain(Work work, AtomicBoolean enough, LongAdder whole, LongAdder failed) {
        while (!enough.get()) {
            try {
                work.transfer(TargetServer.BOTH, BYTES);
                whole.increment();
            } catch (Exception e) {
                failed.increment();
                System.err.println(e);
            }
        }
    }
}
