// SPDX-License-Identifier: Apache-2.0
package io.httun.runtime;

import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import io.netty.resolver.dns.UnixResolverDnsServerAddressStreamProvider;
import java.io.File;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The content of the system's resolver configuration (resolv.conf(5)).
 *
 * @param stamp identifies this version of the file
 * @param servers never a public server; without any in the file the local one, as in the C library
 */
record ResolvConf(String stamp, DnsServerAddressStreamProvider servers, List<String> search, int ndots) {
    private static final Logger LOG = LoggerFactory.getLogger(ResolvConf.class);
    private static final int DNS_PORT = 53;
    private static final int MAX_SEARCH = 6;
    private static final int MAX_NDOTS = 15;

    static String stamp(Path file) {
        try {
            BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
            return now.lastModifiedTime() + "/" + now.size() + "/" + now.fileKey();
        } catch (IOException e) {
            return "";
        }
    }

    static ResolvConf read(Path file) {
        String stamp = stamp(file);
        List<String> search = List.of();
        int ndots = 1;
        for (String line : lines(file)) {
            String[] words = line.strip().split("\\s+");
            switch (words[0]) {
                // The last of these lines wins.
                case "search", "domain" ->
                    search = Arrays.stream(words).skip(1).limit(MAX_SEARCH).toList();
                case "options" -> ndots = ndots(words, ndots);
                default -> {
                    // Netty parses the servers.
                }
            }
        }
        return new ResolvConf(stamp, servers(file), search, ndots);
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return List.of();
        }
    }

    private static int ndots(String[] words, int before) {
        return Arrays.stream(words)
                .filter(word -> word.matches("ndots:[0-9]{1,3}"))
                .mapToInt(word -> Math.min(MAX_NDOTS, Integer.parseInt(word.substring("ndots:".length()))))
                .findFirst()
                .orElse(before);
    }

    private static DnsServerAddressStreamProvider servers(Path file) {
        try {
            return new UnixResolverDnsServerAddressStreamProvider(file.toFile(), (File[]) null);
        } catch (IOException | IllegalArgumentException e) {
            LOG.info("{} names no DNS server ({}); using 127.0.0.1", file, e.getMessage());
            return new SingletonDnsServerAddressStreamProvider(new InetSocketAddress("127.0.0.1", DNS_PORT));
        }
    }
}
