// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Reports changes of the host's network addresses while it is switched on. Polls the kernel, which takes less than a millisecond, instead
 * of keeping a netlink socket. Confined to an event loop.
 */
final class AddressWatch {
    /** Immediate for a user, and well below the 10 s between two attempts to reconnect. */
    private static final long PAUSE_MILLIS = 500;

    private final EventLoop loop;
    private final Supplier<Set<InetAddress>> addresses;
    private final Runnable changed;
    private Set<InetAddress> last;
    private Future<?> next;

    AddressWatch(EventLoop loop, Supplier<Set<InetAddress>> addresses, Runnable changed) {
        this.loop = loop;
        this.addresses = addresses;
        this.changed = changed;
    }

    /** Returns the addresses of all interfaces that are up; empty if the kernel does not report them. */
    static Set<InetAddress> ofHost() {
        try {
            return NetworkInterface.networkInterfaces()
                    .filter(AddressWatch::isUp)
                    .flatMap(NetworkInterface::inetAddresses)
                    .collect(Collectors.toSet());
        } catch (SocketException e) {
            return Set.of();
        }
    }

    private static boolean isUp(NetworkInterface candidate) {
        try {
            return candidate.isUp();
        } catch (SocketException e) {
            // The interface has just disappeared.
            return false;
        }
    }

    /** Switches the watch on or off. */
    void watch(boolean wanted) {
        if (wanted && next == null) {
            last = addresses.get();
            look();
        } else if (!wanted && next != null) {
            next.cancel(false);
            next = null;
        }
    }

    private void look() {
        next = loop.schedule(
                () -> {
                    look();
                    Set<InetAddress> now = addresses.get();
                    if (!now.equals(last)) {
                        last = now;
                        changed.run();
                    }
                },
                PAUSE_MILLIS,
                TimeUnit.MILLISECONDS);
    }
}
