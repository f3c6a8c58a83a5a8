// SPDX-License-Identifier: Apache-2.0
package io.httun.cluster;

import io.httun.api.config.ConfigException;
import io.httun.api.crypto.SharedSecret;
import io.httun.toolkit.config.SecretFile;
import io.httun.toolkit.config.StrictConfig;
import io.httun.toolkit.listen.ListenAddress;
import java.net.InetSocketAddress;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The content of a {@link ClusterConfig}, checked.
 *
 * @param members names and addresses, not looked up
 */
record ClusterSettings(
        SharedSecret key,
        InetSocketAddress listen,
        int forwardPort,
        List<InetSocketAddress> members,
        Optional<Path> folder,
        String name) {
    private static final int MAX_PORT = 0xffff;
    private static final Pattern MEMBER =
            Pattern.compile("([A-Za-z0-9._-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}]):([0-9]{1,5})");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    static ClusterSettings read(Map<String, ?> properties) {
        return StrictConfig.read(ClusterConfig.class, properties, ClusterSettings::of);
    }

    private static ClusterSettings of(ClusterConfig config) {
        InetSocketAddress listen = listen(config.listen());
        int forward = StrictConfig.range("forward.port", config.forward_port(), 1, MAX_PORT);
        if (forward == listen.getPort()) {
            throw new ConfigException("forward.port", forward, "is the port of listen; choose another");
        }
        List<InetSocketAddress> members =
                Stream.of(config.members()).map(ClusterSettings::member).toList();
        if (members.isEmpty() == config.members_folder().isEmpty()) {
            throw new ConfigException(
                    "members",
                    String.join(",", config.members()),
                    members.isEmpty()
                            ? "name the other servers here, each HOST:PORT, or a shared folder in members.folder"
                            : "set this or members.folder, not both");
        }
        String name = config.name().isEmpty() ? ListenAddress.text(listen) : config.name();
        if (!config.name().isEmpty() && !NAME.matcher(name).matches()) {
            throw new ConfigException("name", name, "must be 1 to 64 of A-Z a-z 0-9 - _ .");
        }
        return new ClusterSettings(
                key(config.key_file()), listen, forward, members, folder(config.members_folder()), name);
    }

    private static SharedSecret key(String file) {
        if (file.isEmpty()) {
            throw new ConfigException("key.file", file, "name a key file here (make one with: httun gen-key FILE)");
        }
        return SharedSecret.parse(
                "key.file", file, SecretFile.readLines("key.file", file).get(0));
    }

    private static InetSocketAddress listen(String text) {
        String expected =
                "must be ADDRESS:PORT such as 10.0.0.1:7800, an address of this host by which the others reach it";
        InetSocketAddress address = ListenAddress.parseTcp("listen", text, expected);
        if (address.getAddress().isAnyLocalAddress() || address.getPort() == 0) {
            throw new ConfigException("listen", text, expected);
        }
        return address;
    }

    private static InetSocketAddress member(String text) {
        var matcher = MEMBER.matcher(text);
        if (matcher.matches()) {
            int port = Integer.parseInt(matcher.group(2));
            if (port > 0 && port <= MAX_PORT) {
                return InetSocketAddress.createUnresolved(matcher.group(1).replaceAll("[\\[\\]]", ""), port);
            }
        }
        throw new ConfigException("members", text, "must be HOST:PORT such as node2.example:7800, as listen there");
    }

    private static Optional<Path> folder(String text) {
        try {
            return text.isEmpty() ? Optional.empty() : Optional.of(Path.of(text).toAbsolutePath());
        } catch (InvalidPathException e) {
            throw new ConfigException("members.folder", text, "is no name of a folder (" + e.getReason() + ")");
        }
    }

    InetSocketAddress forwarding() {
        return new InetSocketAddress(listen.getAddress(), forwardPort);
    }
}
