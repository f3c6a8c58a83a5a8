// SPDX-License-Identifier: Apache-2.0
package io.httun.tun;

import io.httun.api.HttunException;
import java.net.InetAddress;
import java.util.Collection;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which routes a device's user has asked for, and what came of it. Changed under the engine's lock. */
final class RouteKeeper {
    private static final Logger LOG = LoggerFactory.getLogger(RouteKeeper.class);

    /** Null until somebody has asked for routes. */
    private Collection<InetAddress> outside;

    private volatile List<Route> set = List.of();
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

    void apply(TunHost host, TunSettings settings) {
        host.route(settings, outside);
        set = host.routing().set();
        String text = String.join("; ", host.routing().problems());
        if (!text.equals(problem) && !text.isEmpty()) {
            LOG.error("TUN device {}: {}", settings.name(), text);
        }
        problem = text;
    }

    void clear(TunHost host, TunSettings settings) {
        try {
            host.unroute(settings.device());
        } catch (HttunException e) {
            LOG.error("TUN device {}: {}", settings.name(), e.getMessage());
        }
        set = List.of();
        problem = "";
    }

    List<Route> set() {
        return set;
    }

    /** What could not be made; it does not keep the rest from working. */
    String problem() {
        return problem;
    }
}
