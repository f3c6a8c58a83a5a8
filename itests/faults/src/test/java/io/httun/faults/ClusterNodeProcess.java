// SPDX-License-Identifier: Apache-2.0
package io.httun.faults;

import io.httun.testrig.TunnelRig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A node in a process of its own, which can be killed. It ends with its standard input. */
final class ClusterNodeProcess {
    private ClusterNodeProcess() {}

    static Process start(int number, Path key, int[] ports, String members, Path log) throws IOException {
        return new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ClusterNodeProcess.class.getName(),
                        Integer.toString(number),
                        key.toString(),
                        Integer.toString(ports[0]),
                        Integer.toString(ports[1]),
                        members))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    /** @param arguments as of {@link #start}, without the log */
    public static void main(String[] arguments) throws IOException {
        int[] ports = {Integer.parseInt(arguments[2]), Integer.parseInt(arguments[3])};
        try (TunnelRig rig = new TunnelRig();
                ClusterNode node = new ClusterNode(
                        rig.loops(),
                        Integer.parseInt(arguments[0]),
                        Path.of(arguments[1]),
                        ports,
                        arguments[4],
                        Map.of())) {
            while (System.in.read() >= 0) {
                node.seen();
            }
        }
    }
}
