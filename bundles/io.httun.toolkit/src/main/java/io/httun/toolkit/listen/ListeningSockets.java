// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.listen;

import io.httun.api.HttunException;
import io.httun.api.config.ConfigException;
import io.httun.api.tunnel.EventLoops;
import io.netty.bootstrap.ServerBootstrap;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The addresses of one endpoint, TCP ports and Unix domain sockets. A change is taken whole or not at all. What cannot be opened at the
 * start, for instance because another process has the port, is tried again. Thread-safe; waits for the kernel, so not to be called on an
 * event loop.
 */
public final class ListeningSockets {
    private static final Logger LOG = LoggerFactory.getLogger(ListeningSockets.class);

    /** The endpoint's part. */
    public interface User {
        /** Handler and options of the connections of an address. */
        ServerBootstrap bootstrap(ListenAddress address);

        /** Why the address must not be opened yet, such as a certificate that cannot be read; empty where nothing prevents it. */
        default String obstacle(ListenAddress address) {
            return "";
        }
    }

    /**
     * The state of an address.
     *
     * @param bound with the port that the system gave; as configured while it is not open
     * @param problem why it is not open; empty if it is
     */
    public record Place(ListenAddress address, ListenAddress bound, String problem) {
        public boolean isOpen() {
            return problem.isEmpty();
        }
    }

    private final EventLoops loops;
    private final User user;
    private final Map<ListenAddress, ListeningSocket> open = new LinkedHashMap<>();
    private final Map<ListenAddress, String> problems = new LinkedHashMap<>();
    private List<ListenAddress> wanted = List.of();
    private String name = "";
    private SocketAccess access;
    private boolean retrying;
    private boolean closed;
    private volatile List<Place> places = List.of();

    public ListeningSockets(EventLoops loops, User user) {
        this.loops = loops;
        this.user = user;
    }

    /**
     * Opens what can be opened, and tries the rest again.
     *
     * @param endpoint its name, for the log
     */
    public synchronized void start(String endpoint, Collection<ListenAddress> addresses, SocketAccess sockets) {
        name = endpoint;
        access = sockets;
        wanted = List.copyOf(addresses);
        wanted.forEach(this::tryOpen);
        show();
    }

    /**
     * Listens at these addresses only. Addresses that are open and stay are not touched; addresses that could not be opened are retried.
     *
     * @throws ConfigException naming the property {@code listen} if an address cannot be opened; everything is as before then
     */
    public synchronized void change(String endpoint, Collection<ListenAddress> addresses, SocketAccess sockets) {
        List<ListenAddress> next = List.copyOf(addresses);
        List<ListenAddress> added =
                next.stream().filter(address -> !wanted.contains(address)).toList();
        List<ListenAddress> gone =
                wanted.stream().filter(address -> !next.contains(address)).toList();
        // The same port cannot be had before the old one is given up.
        List<ListenAddress> inTheWay = gone.stream()
                .filter(open::containsKey)
                .filter(old -> added.stream()
                        .anyMatch(other -> other.clashesWith(open.get(old).bound())))
                .toList();
        inTheWay.forEach(this::shut);
        List<ListenAddress> opened = new ArrayList<>();
        try {
            for (ListenAddress address : added) {
                open.put(address, open(address, sockets));
                opened.add(address);
            }
            for (ListenAddress address : next) {
                change(address, sockets);
            }
        } catch (ConfigException e) {
            opened.forEach(this::shut);
            open.forEach((address, socket) -> socket.change(access));
            inTheWay.forEach(this::tryOpen);
            show();
            throw e;
        }
        gone.forEach(this::shut);
        name = endpoint;
        access = sockets;
        wanted = next;
        problems.keySet().retainAll(wanted);
        show();
        opened.forEach(this::logOpened);
    }

    private void change(ListenAddress address, SocketAccess sockets) {
        ListeningSocket socket = open.get(address);
        if (socket != null) {
            try {
                socket.change(sockets);
            } catch (HttunException e) {
                throw new ConfigException("listen", address, e.getMessage());
            }
        }
    }

    private ListeningSocket open(ListenAddress address, SocketAccess sockets) {
        String obstacle = user.obstacle(address);
        if (!obstacle.isEmpty()) {
            throw new ConfigException("listen", address, obstacle);
        }
        try {
            return ListeningSocket.open(user.bootstrap(address), loops, address, sockets);
        } catch (HttunException e) {
            throw new ConfigException("listen", address, e.getMessage());
        }
    }

    private void tryOpen(ListenAddress address) {
        String why = user.obstacle(address);
        if (why.isEmpty()) {
            try {
                open.put(address, ListeningSocket.open(user.bootstrap(address), loops, address, access));
                problems.remove(address);
                logOpened(address);
                return;
            } catch (HttunException e) {
                why = e.getMessage();
            }
        }
        if (!why.equals(problems.put(address, why))) {
            LOG.error(
                    "Endpoint {} cannot listen on {}: {}; trying again every {} s",
                    name,
                    address,
                    why,
                    ListeningPort.RETRY_SECONDS);
        }
        if (!retrying) {
            retrying = true;
            CompletableFuture.delayedExecutor(ListeningPort.RETRY_SECONDS, TimeUnit.SECONDS)
                    .execute(this::retry);
        }
    }

    private synchronized void retry() {
        retrying = false;
        if (!closed) {
            wanted.stream().filter(address -> !open.containsKey(address)).forEach(this::tryOpen);
            show();
        }
    }

    private void logOpened(ListenAddress address) {
        LOG.info("Endpoint {} listens on {}", name, open.get(address).bound());
    }

    private void shut(ListenAddress address) {
        ListeningSocket socket = open.remove(address);
        if (socket != null) {
            socket.close();
        }
    }

    private void show() {
        places = wanted.stream()
                .map(address -> open.containsKey(address)
                        ? new Place(address, open.get(address).bound(), "")
                        : new Place(address, address, problems.getOrDefault(address, "closed")))
                .toList();
    }

    /** No connection is accepted any more, and the addresses are free, when this returns. */
    public synchronized void close() {
        closed = true;
        wanted.forEach(this::shut);
        show();
    }

    /** In the order of the configuration. */
    public List<Place> places() {
        return places;
    }
}
