// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.health;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A PID of httun.
 *
 * @param bundle symbolic name of the bundle whose component uses it
 * @param feature the feature with the bundle
 */
record KnownPid(String pid, String bundle, String feature) {
    static final List<KnownPid> ALL = Stream.of(
                    of("io.httun.bridge", "httun-bridge", "bridge", "connector.bridge"),
                    of("io.httun.client", "httun-client", "client"),
                    of("io.httun.cluster", "httun-cluster", "cluster"),
                    of("io.httun.connector", "httun-connector", "connector.direct"),
                    of("io.httun.connector.upstream", "httun-connector-upstream", "connector.upstream"),
                    of("io.httun.endpoint.cxf", "httun-endpoint-cxf", "endpoint.cxf"),
                    of("io.httun.endpoint.fcgi", "httun-endpoint-fcgi", "endpoint.fcgi"),
                    of("io.httun.endpoint.netty", "httun-endpoint-netty", "endpoint.netty"),
                    of("io.httun.erltunnel", "httun-erltunnel", "erltunnel", "connector.erltunnel"),
                    of(
                            "io.httun.filter",
                            "httun-filter",
                            "filter.address",
                            "filter.packet",
                            "filter.pattern",
                            "filter.rules"),
                    of("io.httun.gnuhttptunnel", "httun-gnuhttptunnel", "gnuhttptunnel", "connector.gnuhttptunnel"),
                    of(
                            "io.httun.listener",
                            "httun-client",
                            "listener.connect",
                            "listener.port",
                            "listener.socks",
                            "reverse"),
                    of("io.httun.metrics", "httun-metrics", "metrics"),
                    of("io.httun.relay", "httun-core", "relay"),
                    of("io.httun.runtime", "httun-core", "runtime"),
                    of("io.httun.server", "httun-server", "server", "channel"),
                    of("io.httun.tun", "httun-tun", "tun"),
                    of("io.httun.web", "httun-web", "web"))
            .flatMap(pids -> pids)
            .toList();

    private static final String PREFIX = "io.httun.";
    private static final int MISTAKES = 3;

    private static Stream<KnownPid> of(String bundle, String feature, String... pids) {
        return Stream.of(pids).map(pid -> new KnownPid(PREFIX + pid, bundle, feature));
    }

    static Optional<KnownPid> of(String pid) {
        return ALL.stream().filter(known -> known.pid.equals(pid)).findFirst();
    }

    /** Whether the PID is one of ours, or meant to be. */
    static boolean isOurs(String pid) {
        return pid.startsWith("io.httun")
                || pid.startsWith("httun")
                || meant(pid).isPresent();
    }

    /** The PID that a misspelt or shortened one stands for. */
    static Optional<KnownPid> meant(String pid) {
        return ALL.stream()
                .filter(known -> known.pid.endsWith("." + pid))
                .findFirst()
                .or(() -> ALL.stream()
                        .filter(known -> distance(known.pid, pid) <= MISTAKES)
                        .min(Comparator.comparingInt(known -> distance(known.pid, pid))));
    }

    /** Edit distance. */
    private static int distance(String one, String other) {
        int[] before = new int[other.length() + 1];
        for (int j = 0; j <= other.length(); j++) {
            before[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int[] row = new int[other.length() + 1];
            row[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int replaced = before[j - 1] + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, 1 + Math.min(before[j], row[j - 1]));
            }
            before = row;
        }
        return before[other.length()];
    }
}
