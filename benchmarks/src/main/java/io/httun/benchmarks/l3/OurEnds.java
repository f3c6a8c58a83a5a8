// SPDX-License-Identifier: Apache-2.0
package io.httun.benchmarks.l3;

import io.httun.benchmarks.tunnel.KarafProcess;
import io.httun.benchmarks.tunnel.Secret;
import java.nio.file.Files;
import java.nio.file.Path;

/** The distribution in a folder of its own for each start. */
final class OurEnds implements TunEnds {
    private final Hosts hosts;
    private final Path distribution;
    private final Path work;
    private final Path key;
    private int started;

    OurEnds(Hosts hosts, Path distribution, Path work, String secret) throws Exception {
        this.hosts = hosts;
        this.distribution = distribution;
        this.work = work;
        this.key = Secret.file(work, "key", secret);
    }

    @Override
    public Process server(int host, int mtu) throws Exception {
        Path base = base();
        write(
                base,
                "io.httun.tun-l3",
                "name=l3\ndevice=" + SERVER_DEVICE + "\nmtu=" + mtu + "\naddresses=10.9.0.1/24\n");
        write(base, "io.httun.channel-l3", "name=l3\nid=5\nsecret.file=" + key + "\ntun.target=(name=l3)\n");
        write(base, "io.httun.endpoint.netty-l3", "name=l3\nlisten=10.77.0.1:8080\n");
        return karaf(host, base, "server");
    }

    @Override
    public Process client(int host, int mtu) throws Exception {
        Path base = base();
        write(
                base,
                "io.httun.tun-l3",
                "name=l3\ndevice=" + CLIENT_DEVICE + "\nmtu=" + mtu + "\naddresses=10.9.0.2/24\n");
        write(
                base,
                "io.httun.client-l3",
                "name=l3\nid=5\nurls=http://10.77.0.1:8080\nmode=tun\ntun.target=(name=l3)\nsecret.file=" + key + "\n");
        return karaf(host, base, "client");
    }

    private Path base() throws Exception {
        Path base = Files.createDirectories(work.resolve("base-" + ++started));
        KarafProcess.run("cp", "-a", distribution.resolve("etc").toString(), base.toString());
        Files.writeString(base.resolve("etc/requested-features"), "httun-tun\n");
        return base;
    }

    private static void write(Path base, String pid, String content) throws Exception {
        Files.writeString(base.resolve("etc").resolve(pid + ".cfg"), content);
    }

    private Process karaf(int host, Path base, String mode) throws Exception {
        return hosts.start(
                host,
                base.resolve("out.log").toFile(),
                "env",
                "HTTUN_BASE=" + base,
                "JAVA_OPTS=-Xmx256m",
                distribution + "/bin/httun",
                mode);
    }
}
