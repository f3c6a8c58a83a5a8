// SPDX-License-Identifier: Apache-2.0
package io.httun.runtime;

import io.netty.resolver.HostsFileEntriesProvider;
import io.netty.resolver.ResolvedAddressTypes;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The content of the system's hosts file (hosts(5)). A missing file is an empty one.
 *
 * @param stamp identifies this version of the file
 */
record HostsFile(String stamp, HostsFileEntriesProvider entries) {
    static HostsFile read(Path file) {
        String stamp = ResolvConf.stamp(file);
        return new HostsFile(
                stamp, HostsFileEntriesProvider.parser().parseSilently(file.toFile(), StandardCharsets.UTF_8));
    }

    /** The file's path on this system. */
    static Path ofSystem() {
        String windows = System.getenv("SystemRoot");
        return windows == null ? Path.of("/etc/hosts") : Path.of(windows, "system32", "drivers", "etc", "hosts");
    }

    /** The addresses of a name in the configured order; empty if it has none of the configured families. */
    Optional<List<InetAddress>> find(String host, ResolvedAddressTypes types) {
        String name = host.toLowerCase(Locale.ROOT);
        Stream<InetAddress> four = addresses(entries.ipv4Entries(), name);
        Stream<InetAddress> six = addresses(entries.ipv6Entries(), name);
        List<InetAddress> found =
                switch (types) {
                    case IPV4_ONLY -> four.toList();
                    case IPV6_ONLY -> six.toList();
                    case IPV4_PREFERRED -> Stream.concat(four, six).toList();
                    case IPV6_PREFERRED -> Stream.concat(six, four).toList();
                };
        return Optional.of(found).filter(some -> !some.isEmpty());
    }

    private static Stream<InetAddress> addresses(Map<String, List<InetAddress>> entries, String name) {
        return entries.getOrDefault(name, List.of()).stream();
    }
}
