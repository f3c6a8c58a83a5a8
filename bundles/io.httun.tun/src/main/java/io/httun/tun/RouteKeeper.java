// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import io.httun.api.HttunException;
import java.net.InetAddress;
import java.util.Collection;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The routes requested by a device's user, and their problems. Guarded by the engine's lock. */
final class RouteKeeper {
    private static final Logger LOG = LoggerFactory.getLogger(RouteKeeper.class);

    /** Null until routes are requested. */
    private Collection<InetAddress> outside;

    private volatile List<KernelRoute> set = List.of();
    private volatile String problem = "";

    void want(Collection<InetAddress> kept) {
        outside = List.copyOf(kept);
    }

    void wantNone() {
        outside = null;
    }

    boolean isWanted() {
        return outside != null;
    }

    void apply(TunHost host, TunDeviceSettings settings) {
        host.route(settings, outside);
        set = host.routing().set();
        String text = String.join("; ", host.routing().problems());
        if (!text.equals(problem) && !text.isEmpty()) {
            LOG.error("TUN device {}: {}", settings.name(), text);
        }
        problem = text;
    }

    void clear(TunHost host, TunDeviceSettings settings) {
        try {
            host.unroute(settings.device());
        } catch (HttunException e) {
            LOG.error("TUN device {}: {}", settings.name(), e.getMessage());
        }
        set = List.of();
        problem = "";
    }

    List<KernelRoute> set() {
        return set;
    }

    /** The routes that could not be created; the others work. */
    String problem() {
        return problem;
    }
}
