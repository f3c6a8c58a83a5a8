// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

/** The tunnel client of the current configuration, and former ones until their last connection ends. Thread-safe. */
final class ClientSuccession {
    private final Surroundings surroundings;
    private final List<TunnelClient> retired = new CopyOnWriteArrayList<>();
    private volatile TunnelClient current;

    ClientSuccession(Surroundings surroundings, ClientSettings first) {
        this.surroundings = surroundings;
        this.current = new TunnelClient(first, surroundings);
    }

    TunnelClient current() {
        return current;
    }

    /** The current client first. */
    Stream<TunnelClient> all() {
        return Stream.concat(Stream.of(current), retired.stream());
    }

    /** Gives new connections to a client with these settings; existing ones continue. @param starts whether it connects by itself */
    synchronized void change(ClientSettings next, boolean starts) {
        TunnelClient old = current;
        current = new TunnelClient(next, surroundings);
        if (starts) {
            current.start();
        }
        old.retire();
        List<TunnelClient> over = retired.stream().filter(TunnelClient::isIdle).toList();
        over.forEach(TunnelClient::close);
        retired.removeAll(over);
        retired.add(old);
    }
}
