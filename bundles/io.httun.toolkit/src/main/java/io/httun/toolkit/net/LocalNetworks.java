// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The addresses of this machine's interfaces and the networks that they are in, kept current: a query reads the interfaces again if
 * the last time is more than a second ago. One thread reads, others take what is known. Thread-safe.
 */
public final class LocalNetworks {
    /** An interface's address with the length of its network's prefix. */
    public record Assigned(InetAddress address, int bits) {}

    /** Lists what all interfaces have. */
    @FunctionalInterface
    public interface Interfaces {
        List<Assigned> list() throws IOException;
    }

    private record Known(Set<InetAddress> addresses, Set<Network> networks) {}

    private static final Logger LOG = LoggerFactory.getLogger(LocalNetworks.class);
    private static final long REFRESH_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final LocalNetworks SYSTEM = new LocalNetworks(LocalNetworks::assigned, System::nanoTime);

    private final Interfaces interfaces;
    private final LongSupplier nanos;
    private final ReentrantLock reading = new ReentrantLock();
    private volatile Known known;
    private volatile long readAt;
    private boolean failed;

    /** @param nanos the clock */
    public LocalNetworks(Interfaces interfaces, LongSupplier nanos) {
        this.interfaces = interfaces;
        this.nanos = nanos;
    }

    /** Those of this machine. */
    public static LocalNetworks ofSystem() {
        return SYSTEM;
    }

    private static List<Assigned> assigned() throws IOException {
        return NetworkInterface.networkInterfaces()
                .flatMap(each -> each.getInterfaceAddresses().stream())
                .map(each -> new Assigned(each.getAddress(), each.getNetworkPrefixLength()))
                .toList();
    }

    /** Whether an address is this machine's: that of any interface, any loopback address, or one that stands for all of its addresses. */
    public boolean hasAddress(InetAddress address) {
        if (address.isLoopbackAddress() || address.isAnyLocalAddress()) {
            return true;
        }
        Known now = current();
        return now == null || now.addresses().contains(address);
    }

    /** Whether an address is in the network of any interface. */
    public boolean hasNetworkOf(InetAddress address) {
        Known now = current();
        return now == null
                || now.networks().stream().anyMatch(network -> network.contains(address))
                || address.isLoopbackAddress();
    }

    /** Null while the interfaces have never been readable: every address may be local then. */
    private Known current() {
        Known now = known;
        if (now != null && nanos.getAsLong() - readAt < REFRESH_NANOS) {
            return now;
        }
        if (now == null) {
            reading.lock();
        } else if (!reading.tryLock()) {
            return now;
        }
        try {
            if (known == null || nanos.getAsLong() - readAt >= REFRESH_NANOS) {
                read();
            }
            return known;
        } finally {
            reading.unlock();
        }
    }

    private void read() {
        try {
            Set<InetAddress> addresses = new HashSet<>();
            Set<Network> networks = new HashSet<>();
            for (Assigned each : interfaces.list()) {
                addresses.add(each.address());
                int width = each.address().getAddress().length * Byte.SIZE;
                // A tunnel's interface may tell no prefix: its network is its address then, and not the whole world.
                networks.add(Network.around(each.address(), each.bits() > 0 ? Math.min(each.bits(), width) : width));
            }
            known = new Known(Set.copyOf(addresses), Set.copyOf(networks));
            failed = false;
        } catch (IOException e) {
            if (!failed) {
                LOG.error("The interfaces cannot be read, their last addresses are kept: {}", e.toString());
            }
            failed = true;
        }
        readAt = nanos.getAsLong();
    }
}
