// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Where this process listens, so that no connection is carried back into it for ever. */
final class OwnSockets {
    private final Set<InetSocketAddress> bound = ConcurrentHashMap.newKeySet();

    void add(SocketAddress socket) {
        bound.add((InetSocketAddress) socket);
    }

    void remove(SocketAddress socket) {
        bound.remove((InetSocketAddress) socket);
    }

    /** Whether a connection leads there; asked when it is made, so that no alias of a name or of an address hides it. */
    boolean contain(SocketAddress remote) {
        return remote instanceof InetSocketAddress socket
                && bound.stream().anyMatch(own -> own.getPort() == socket.getPort() && isAt(own, socket.getAddress()));
    }

    private static boolean isAt(InetSocketAddress own, InetAddress address) {
        return own.getAddress().isAnyLocalAddress()
                ? isOfThisHost(address)
                : own.getAddress().equals(address);
    }

    private static boolean isOfThisHost(InetAddress address) {
        try {
            return address.isLoopbackAddress() || NetworkInterface.getByInetAddress(address) != null;
        } catch (SocketException e) {
            // The system does not tell: rather a connection too few than one that never ends.
            return true;
        }
    }
}
