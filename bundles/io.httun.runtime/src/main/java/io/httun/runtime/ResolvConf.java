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
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the system's resolver configuration says (resolv.conf(5)).
 *
 * @param stamp tells this state of the file from another one
 * @param servers never a public one: without any in the file, the local one as the C library has it
 */
record ResolvConf(String stamp, DnsServerAddressStreamProvider servers, List<String> search, int ndots) {
    private static final Logger LOG = LoggerFactory.getLogger(ResolvConf.class);
    private static final int DNS_PORT = 53;
    private static final int MAX_SEARCH = 6;
    private static final int MAX_NDOTS = 15;

    static String stamp(Path file) {
        try {
            return Files.getLastModifiedTime(file).toMillis() + "/" + Files.size(file);
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
                // The last of these lines counts.
                case "search", "domain" ->
                    search = Arrays.stream(words).skip(1).limit(MAX_SEARCH).toList();
                case "options" -> ndots = ndots(words, ndots);
                default -> {
                    // Servers are Netty's to read.
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
            LOG.info("{} names no DNS server ({}); asking 127.0.0.1", file, e.getMessage());
            return new SingletonDnsServerAddressStreamProvider(new InetSocketAddress("127.0.0.1", DNS_PORT));
        }
    }
}
