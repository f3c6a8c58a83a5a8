// SPDX-License-Identifier: Apache-2.0
package io.httun.runtime;

import io.httun.api.listen.OwnListeners;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.service.component.annotations.Component;

/** The listening addresses of this process; an unspecified address stands for every address of this host. */
@Component
public final class OwnSockets implements OwnListeners {
    private final Set<InetSocketAddress> bound = ConcurrentHashMap.newKeySet();

    @Override
    public void add(SocketAddress socket) {
        bound.add((InetSocketAddress) socket);
    }

    @Override
    public void remove(SocketAddress socket) {
        bound.remove((InetSocketAddress) socket);
    }

    @Override
    public boolean contain(SocketAddress remote) {
        return remote instanceof InetSocketAddress socket
                && bound.stream().anyMatch(own -> own.getPort() == socket.getPort() && isAt(own, socket.getAddress()));
    }

    /** A connection to the unspecified address reaches this host. */
    private static boolean isAt(InetSocketAddress own, InetAddress address) {
        if (address.isAnyLocalAddress()) {
            return true;
        }
        return own.getAddress().isAnyLocalAddress()
                ? isOfThisHost(address)
                : own.getAddress().equals(address);
    }

    private static boolean isOfThisHost(InetAddress address) {
        try {
            return address.isLoopbackAddress() || NetworkInterface.getByInetAddress(address) != null;
        } catch (SocketException e) {
            // The system gives no answer: refuse a connection rather than risk an endless loop.
            return true;
        }
    }
}
