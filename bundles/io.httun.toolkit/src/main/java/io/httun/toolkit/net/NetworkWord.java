// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.net;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A word for well-known networks. Together with {@link EmbeddedIpv4} they cover the IANA special-purpose address registries for IPv4 and
 * IPv6, which are named with the RFC of each block there.
 */
enum NetworkWord {
    /** Every address. */
    ANY,
    /** All addresses outside the words below. */
    PUBLIC,
    /** 0.0.0.0 and :: reach the local host on Linux. */
    LOOPBACK("127.0.0.0/8", "0.0.0.0", "::1", "::"),
    /** With the shared space of RFC 6598, site-local addresses (RFC 3879) and the local NAT64 prefix of RFC 8215. */
    PRIVATE(
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "100.64.0.0/10",
            "fc00::/7",
            "fec0::/10",
            "64:ff9b:1::/48"),
    LINK_LOCAL("169.254.0.0/16", "fe80::/10"),
    MULTICAST("224.0.0.0/4", "ff00::/8"),
    RESERVED(
            "0.0.0.0/8",
            "192.0.0.0/24",
            // Documentation: RFC 5737.
            "192.0.2.0/24",
            "198.51.100.0/24",
            "203.0.113.0/24",
            // AS112 (RFC 7534, 7535) and AMT relays (RFC 7450): services of the network that no user connects to.
            "192.31.196.0/24",
            "192.52.193.0/24",
            "192.175.48.0/24",
            "2620:4f:8000::/48",
            // 6to4 relays, withdrawn by RFC 7526.
            "192.88.99.0/24",
            // Benchmarks: RFC 2544.
            "198.18.0.0/15",
            // Class E with broadcast.
            "240.0.0.0/4",
            // Discard-only (RFC 6666) and dummy addresses (RFC 9780).
            "100::/64",
            "100:0:0:1::/64",
            // IETF protocol assignments, 2001::/23 without Teredo's 2001::/32: benchmarks, AMT, AS112, ORCHID,
            // ORCHIDv2, DET.
            "2001:1::/32",
            "2001:2::/31",
            "2001:4::/30",
            "2001:8::/29",
            "2001:10::/28",
            "2001:20::/27",
            "2001:40::/26",
            "2001:80::/25",
            "2001:100::/24",
            // Documentation: RFC 3849, RFC 9637.
            "2001:db8::/32",
            "3fff::/20",
            // Segment routing: RFC 9602.
            "5f00::/16"),
    /** Where clouds tell a machine its own secrets; some of these look like public addresses. */
    CLOUD_METADATA(
            // Most clouds; containers and pods at AWS; Tencent; Scaleway.
            "169.254.169.254",
            "169.254.170.2",
            "169.254.170.23",
            "169.254.0.23",
            "169.254.42.42",
            "fd00:ec2::254",
            "fd00:ec2::23",
            "fd20:ce::254",
            "fd00:42::42",
            "fe80::a9fe:a9fe",
            // Alibaba, Oracle, Azure.
            "100.100.100.200",
            "192.0.0.192",
            "168.63.129.16"),
    /** Every address of this machine. */
    THIS_HOST,
    /** The networks of this machine's interfaces. */
    LOCAL_NETWORKS;

    private final List<Network> networks;

    NetworkWord(String... networks) {
        this.networks = Arrays.stream(networks).map(Network::parse).toList();
    }

    static Optional<NetworkWord> of(String text) {
        return Arrays.stream(values()).filter(word -> word.text().equals(text)).findFirst();
    }

    /** All words, for messages. */
    static String all() {
        return Arrays.stream(values()).map(NetworkWord::text).collect(Collectors.joining(", "));
    }

    String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    boolean contains(InetAddress address, LocalNetworks local) {
        return switch (this) {
            case ANY -> true;
            case PUBLIC ->
                Arrays.stream(values())
                        .filter(word -> word != ANY && word != PUBLIC)
                        .noneMatch(word -> word.contains(address, local));
            case THIS_HOST -> local.hasAddress(address);
            case LOCAL_NETWORKS -> local.hasNetworkOf(address);
            default -> networks.stream().anyMatch(network -> network.contains(address));
        };
    }
}
