// SPDX-License-Identifier: Apache-2.0
package io.httun.benchmarks.l3;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** The stock programs, which leave addresses to others. */
final class StockEnds implements TunEnds {
    private static final int TRIES = 100;

    private final Hosts hosts;
    private final Path folder;
    private final Path work;
    private final String secret;

    StockEnds(Hosts hosts, Path folder, Path work, String secret) {
        this.hosts = hosts;
        this.folder = folder;
        this.work = work;
        this.secret = secret;
    }

    @Override
    public Process server(int host, int mtu) throws Exception {
        Path conf =
                configuration("server", "3b0a4f3e-6a34-4b6e-9d36-1f1b6d2c7a55", "tun = \"" + SERVER_DEVICE + "\"\n");
        Process server = hosts.start(
                host,
                work.resolve("stock-server.log").toFile(),
                folder + "/httun-server",
                "-C",
                conf.toString(),
                "--http-listen",
                "10.77.0.1:8080",
                "--no-drop-root");
        configure(host, SERVER_DEVICE, mtu, "10.9.0.1/24");
        return server;
    }

    @Override
    public Process client(int host, int mtu) throws Exception {
        Path conf = configuration(
                "client",
                "7d0a4f3e-6a34-4b6e-9d36-1f1b6d2c7a66",
                "urls = [ \"http://10.77.0.1:8080\" ]\nalias = \"a\"\n");
        Process client = hosts.start(
                host,
                work.resolve("stock-client.log").toFile(),
                folder + "/httun-client",
                "-C",
                conf.toString(),
                "http://10.77.0.1:8080",
                "-c",
                "5",
                "tun",
                "-t",
                CLIENT_DEVICE);
        configure(host, CLIENT_DEVICE, mtu, "10.9.0.2/24");
        return client;
    }

    private Path configuration(String end, String uuid, String channel) throws IOException {
        return Files.writeString(
                work.resolve("stock-" + end + ".conf"),
                "uuid = \"" + uuid
                        + "\"\n[parameters.receive]\nwindow-length = 1024\n[[channels]]\ndisabled = false\nid = 5\n"
                        + "shared-secret = \"" + secret + "\"\n" + channel);
    }

    private void configure(int host, String device, int mtu, String address) throws Exception {
        for (int i = 0; ; i++) {
            try {
                hosts.sh(
                        host,
                        "ip link set " + device + " mtu " + mtu + " up && ip addr add " + address + " dev " + device);
                return;
            } catch (IOException e) {
                if (i == TRIES) {
                    throw e;
                }
                TimeUnit.MILLISECONDS.sleep(100);
            }
        }
    }
}
