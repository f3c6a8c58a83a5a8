// SPDX-License-Identifier: Apache-2.0
package io.httun.shell.access;

import io.httun.api.config.ConfigException;
import io.httun.toolkit.config.AtomicFile;
import io.httun.toolkit.status.Services;
import io.httun.toolkit.tunnel.TunnelLink;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.osgi.service.cm.Configuration;

/** Makes a client and its SOCKS listener of a link, or gives a client that is there the link's new secret. */
public final class Joining {
    private static final String CLIENTS = "io.httun.client";
    private static final String SOCKS = "io.httun.listener.socks";
    private static final int FIRST_PORT = 1080;
    private static final int PORTS = 100;

    private final Services services;
    private final Path etc;
    private final TunnelLink link;
    private final String name;

    /** @param name of the client here */
    public Joining(Services services, Path etc, TunnelLink link, String name) {
        if (!TunnelLink.isName(name)) {
            throw new ConfigException(
                    "--name",
                    CfgText.printable(name),
                    "must be 1 to 64 of A-Z a-z 0-9 - _ . with a letter or digit first");
        }
        this.services = services;
        this.etc = etc;
        this.link = link;
        this.name = name;
    }

    /** Of the listener that is made. */
    public String listener() {
        return "socks-" + name;
    }

    /**
     * Writes the files.
     *
     * @param bind where the listener listens; empty for the first free port from 1080 on, on loopback
     * @return the files that were written
     */
    public List<Path> write(String bind) {
        Optional<Configuration> client =
                Configurations.ofFactory(services, CLIENTS, "client").find(name);
        return client.isPresent() ? List.of(changeSecret(client.get())) : make(bind);
    }

    private Path changeSecret(Configuration client) {
        String file = Configurations.value(client, "secret.file");
        boolean same = Configurations.value(client, "id").equals("" + link.id())
                && List.of(Configurations.value(client, "urls").split("\\s*,\\s*"))
                        .contains(link.url());
        if (!same) {
            throw new ConfigException(
                    "There is a client named " + name + " already, which has another server or id, and"
                            + " nothing was written: join under another name with --name");
        }
        if (file.isEmpty()) {
            throw new ConfigException("The client " + name
                    + " has its secret inline: put it into a key file, name that with secret.file, and join again");
        }
        try {
            AtomicFile.replace(Path.of(file), NewSecret.hex(link.secret()) + "\n");
        } catch (IOException e) {
            throw new ConfigException("secret.file", file, "cannot be written (" + e + "): check its permissions");
        }
        return Path.of(file);
    }

    private List<Path> make(String bind) {
        Path key = Invitation.keyFile(etc, name);
        String address = bind.isEmpty() ? "127.0.0.1:" + freePort() : bind;
        StagedFiles files = new StagedFiles()
                .addSecret(key, NewSecret.hex(link.secret()) + "\n")
                .add(etc.resolve(CLIENTS + "-" + name + ".cfg"), client())
                .add(etc.resolve(SOCKS + "-" + name + ".cfg"), socks(address));
        files.write();
        return files.paths();
    }

    private String client() {
        return new CfgText()
                .comment("A tunnel client, made by httun:join. Every property is explained in")
                .comment("etc/httun/io.httun.client-home.cfg.example and docs/configuration.md.")
                .line()
                .set("name", name)
                .set("urls", link.url())
                .set("id", "" + link.id())
                .setVerbatim("secret.file", "${karaf.etc}/httun/" + name + ".key")
                .toString();
    }

    private String socks(String bind) {
        return new CfgText()
                .comment("A SOCKS proxy whose connections go through the tunnel, made by httun:join. Every property is")
                .comment("explained in etc/httun/io.httun.listener.socks-home.cfg.example and docs/configuration.md.")
                .line()
                .set("name", listener())
                .set("bind", bind)
                .set("connector.target", "(name=" + name + ")")
                .toString();
    }

    /** A free port for which no listener is configured. */
    private int freePort() {
        List<String> configured = Stream.of("socks", "connect", "port")
                .flatMap(kind -> Configurations.ofFactory(services, "io.httun.listener." + kind, "listener")
                        .all())
                .map(each -> Configurations.value(each, "bind"))
                .toList();
        for (int port = FIRST_PORT; port < FIRST_PORT + PORTS; port++) {
            String end = ":" + port;
            if (configured.stream().noneMatch(bind -> bind.endsWith(end)) && isFree(port)) {
                return port;
            }
        }
        throw new ConfigException("No port from " + FIRST_PORT + " to " + (FIRST_PORT + PORTS - 1)
                + " is free for the SOCKS proxy: name one with --bind ADDRESS:PORT");
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
