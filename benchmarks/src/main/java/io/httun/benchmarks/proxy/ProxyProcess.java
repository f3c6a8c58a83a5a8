// SPDX-License-Identifier: Apache-2.0
package io.httun.benchmarks.proxy;

import io.httun.benchmarks.tunnel.KarafProcess;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Somebody else's proxy, for comparison; there only where it is installed. */
record ProxyProcess(ProxyWay way, Process process) implements AutoCloseable {
    private static final int TRIES = 100;
    private static final int PAUSE_MILLIS = 50;

    static Optional<ProxyProcess> tinyproxy(Path work) throws Exception {
        Optional<Path> binary = find("tinyproxy");
        if (binary.isEmpty()) {
            return Optional.empty();
        }
        int port = KarafProcess.freePort();
        Path config = work.resolve("tinyproxy.conf");
        Files.writeString(
                config,
                "Port " + port
                        + "\nListen 127.0.0.1\nTimeout 600\nMaxClients 12000\nAllow 127.0.0.0/8\nLogLevel Critical\n");
        return Optional.of(
                start(new ProxyWay("tinyproxy", port, true), binary.get().toString(), "-d", "-c", config.toString()));
    }

    /** A relay of TCP, since it has no CONNECT: one port for each of the target's. */
    static Optional<ProxyProcess> haproxy(Path work, int target, String name) throws Exception {
        Optional<Path> binary = find("haproxy");
        if (binary.isEmpty()) {
            return Optional.empty();
        }
        int port = KarafProcess.freePort();
        Path config = work.resolve("haproxy-" + name + ".cfg");
        Files.writeString(
                config,
                """
                global
                    maxconn 4000
                    nbthread 2
                defaults
                    mode tcp
                    option splice-auto
                    timeout connect 5s
                    timeout client 10m
                    timeout server 10m
                listen relay
                    bind 127.0.0.1:%d
                    server target 127.0.0.1:%d
                """
                        .formatted(port, target));
        return Optional.of(start(
                new ProxyWay("haproxy (tcp)", port, false), binary.get().toString(), "-db", "-f", config.toString()));
    }

    private static Optional<Path> find(String name) {
        return List.of("/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin").stream()
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static ProxyProcess start(ProxyWay way, String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(new File("/dev/null"))
                .start();
        await(way.port());
        return new ProxyProcess(way, process);
    }

    /** Until something listens there. */
    static void await(int port) throws Exception {
        for (int tries = 1; ; tries++) {
            try {
                new Socket(InetAddress.getLoopbackAddress(), port).close();
                return;
            } catch (IOException e) {
                if (tries == TRIES * 12) {
                    throw e;
                }
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            }
        }
    }

    @Override
    public void close() {
        process.destroy();
    }
}
