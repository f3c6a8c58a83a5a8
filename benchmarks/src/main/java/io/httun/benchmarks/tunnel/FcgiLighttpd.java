// SPDX-License-Identifier: Apache-2.0
package io.httun.benchmarks.tunnel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A lighttpd between client and server, with the configuration that the distribution has for it. */
final class FcgiLighttpd implements AutoCloseable {
    static final Path PROGRAM = Path.of("/usr/sbin/lighttpd");

    private static final int STOP_SECONDS = 10;

    private final Process process;

    /** @param socket of the FastCGI endpoint */
    FcgiLighttpd(Path distribution, Path folder, int port, Path socket) throws IOException {
        String configuration = Files.readString(distribution.resolve("etc/webserver/lighttpd-fastcgi.conf"))
                .replace("8080", "" + port)
                .replace("/run/httun/fcgi.sock", socket.toString())
                .replace("/var/www", folder.toString());
        Path file = Files.writeString(folder.resolve("lighttpd.conf"), configuration);
        process = new ProcessBuilder(PROGRAM.toString(), "-D", "-f", file.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("lighttpd.log").toFile())
                .start();
    }

    /** @throws IOException if it could not start */
    void check() throws IOException {
        if (!process.isAlive()) {
            throw new IOException("lighttpd ended with " + process.exitValue());
        }
    }

    @Override
    public void close() {
        KarafProcess.stop(process, STOP_SECONDS);
    }
}
