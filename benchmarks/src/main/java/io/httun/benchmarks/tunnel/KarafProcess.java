// SPDX-License-Identifier: Apache-2.0
package io.httun.benchmarks.tunnel;

import io.httun.benchmarks.proxy.Proc;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The distribution, run as a process of its own in a folder with a configuration of its own. */
public final class KarafProcess implements AutoCloseable {
    private static final int STOP_SECONDS = 30;

    private final Process process;

    public KarafProcess(
            Path distribution, Path base, String mode, int httpPort, Map<String, String> configurations, String heap)
            throws Exception {
        Files.createDirectories(base);
        run("cp", "-a", distribution.resolve("etc").toString(), base.toString());
        for (Map.Entry<String, String> file : configurations.entrySet()) {
            Files.writeString(base.resolve("etc").resolve(file.getKey()), file.getValue());
        }
        List<String> command =
                new ArrayList<>(List.of(distribution.resolve("bin/httun").toString()));
        command.addAll(List.of(mode.split(" ")));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("HTTUN_BASE", base.toString());
        builder.environment()
                .put("JAVA_OPTS", "-Xmx" + heap + " -Dhttun.http.port=" + httpPort + " -Dhttun.ssh.port=" + freePort());
        builder.redirectErrorStream(true).redirectOutput(base.resolve("out.log").toFile());
        builder.redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")));
        process = builder.start();
    }

    Process process() {
        return process;
    }

    public long pid() {
        return process.pid();
    }

    /** Resident size in MiB. */
    public long residentMiB() throws IOException {
        return Proc.residentKiB(process.pid()) / 1024;
    }

    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    public static void run(String... command) throws Exception {
        if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
            throw new IOException(String.join(" ", command) + " failed");
        }
    }

    @Override
    public void close() {
        stop(process, STOP_SECONDS);
    }

    /** Ends a process, by force if it does not end within the time. */
    static void stop(Process process, int seconds) {
        process.destroy();
        try {
            if (process.waitFor(seconds, TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
    }
}
