// SPDX-License-Identifier: Apache-2.0
package io.httun.runtime;

import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.SequentialDnsServerAddressStreamProvider;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import io.netty.resolver.dns.UnixResolverDnsServerAddressStreamProvider;
import java.io.File;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which DNS servers to ask. */
final class DnsServers {
    private static final Logger LOG = LoggerFactory.getLogger(DnsServers.class);
    private static final String RESOLV_CONF = "/etc/resolv.conf";
    private static final int DNS_PORT = 53;

    private DnsServers() {}

    /** Those configured, else those of the system, else the local one as the C library has it: never a public one. */
    static DnsServerAddressStreamProvider of(List<InetSocketAddress> configured) {
        if (!configured.isEmpty()) {
            return new SequentialDnsServerAddressStreamProvider(configured);
        }
        try {
            return new UnixResolverDnsServerAddressStreamProvider(new File(RESOLV_CONF), (File[]) null);
        } catch (IOException | IllegalArgumentException e) {
            LOG.info("{} names no DNS server ({}); asking 127.0.0.1", RESOLV_CONF, e.getMessage());
            return new SingletonDnsServerAddressStreamProvider(new InetSocketAddress("127.0.0.1", DNS_PORT));
        }
    }
}
