// SPDX-License-Identifier: Apache-2.0
package io.httun.benchmarks.proxy;

import io.httun.benchmarks.tunnel.KarafProcess;
import io.httun.benchmarks.tunnel.Report;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/** What policies promise, by a real clock: a listener for each. */
final class Policies {
    private static final String RATE = "rate.from=20mb/s, rate.to=5mb/s";
    private static final String IDLE = "idle=2s";
    private static final String LIFE = "life=3s";
    private static final int BYTES = 60_000_000;
    private static final double MIB_IN_MB = 1.048576;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final LongSupplier CLOCK = System::nanoTime;

    private final Map<String, Integer> ports = new LinkedHashMap<>();

    Policies() throws IOException {
        for (String policy : new String[] {RATE, IDLE, LIFE}) {
            ports.put(policy, KarafProcess.freePort());
        }
    }

    /** Their configuration. */
    Map<String, String> files() {
        Map<String, String> files = new TreeMap<>();
        ports.forEach((policy, port) -> files.put(
                "io.httun.listener.connect-p" + port + ".cfg",
                "name=p" + port + "\nbind=127.0.0.1:" + port + "\npolicy=" + policy + "\n"));
        return files;
    }

    void measure(Report report, ProxyTarget target) throws Exception {
        ProxyWork work = new ProxyWork(way(RATE), target);
        report.add("rate.from=20mb/s (MB/s)", "httun", work.download(BYTES) * MIB_IN_MB);
        report.add("rate.to=5mb/s (MB/s)", "httun", work.upload(BYTES / 4) * MIB_IN_MB);
        report.add("idle=2s ends after (s)", "httun", secondsUntilItsEnd(way(IDLE), target, false));
        report.add("life=3s ends after (s)", "httun", secondsUntilItsEnd(way(LIFE), target, true));
    }

    private ProxyWay way(String policy) throws Exception {
        ProxyProcess.await(ports.get(policy));
        return new ProxyWay("httun", ports.get(policy), true);
    }

    private static double secondsUntilItsEnd(ProxyWay way, ProxyTarget target, boolean busy) throws IOException {
        try (Socket socket = way.open(target.echoPort())) {
            long begin = CLOCK.getAsLong();
            try {
                do {
                    if (busy) {
                        socket.getOutputStream().write(1);
                    }
                } while (socket.getInputStream().read() >= 0);
            } catch (SocketException e) {
                // The reset that was waited for.
                return (CLOCK.getAsLong() - begin) / NANOS_PER_SECOND;
            }
            throw new IOException("it ended as if complete");
        }
    }
}
