// SPDX-License-Identifier: Apache-2.0
package io.httun.benchmarks.l3;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Two network namespaces with a cable between them: 10.77.0.1 and 10.77.0.2. */
final class Hosts implements AutoCloseable {
    private final String prefix = "httunb" + ProcessHandle.current().pid();

    Hosts() throws Exception {
        for (int host = 1; host <= 2; host++) {
            local("ip netns add " + name(host));
            sh(host, "ip link set lo up");
        }
        local("ip link add cable netns " + name(1) + " type veth peer name cable netns " + name(2));
        for (int host = 1; host <= 2; host++) {
            sh(host, "ip addr add 10.77.0." + host + "/24 dev cable && ip link set cable up");
        }
    }

    private String name(int host) {
        return prefix + "-" + host;
    }

    private static String local(String line) throws Exception {
        return run(List.of("sh", "-c", line));
    }

    /** What a line of the shell says on a host. */
    String sh(int host, String line) throws Exception {
        return run(List.of("ip", "netns", "exec", name(host), "sh", "-c", line));
    }

    private static String run(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(command + ": " + said);
        }
        return said;
    }

    /** Starts a program on a host, whose process is the program's. */
    Process start(int host, File output, String... command) throws IOException {
        List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", name(host)));
        all.addAll(List.of(command));
        return new ProcessBuilder(all)
                .redirectErrorStream(true)
                .redirectOutput(output)
                .redirectInput(new File("/dev/null"))
                .start();
    }

    @Override
    public void close() throws IOException {
        for (int host = 1; host <= 2; host++) {
            new ProcessBuilder("ip", "netns", "del", name(host)).inheritIO().start();
        }
    }
}
