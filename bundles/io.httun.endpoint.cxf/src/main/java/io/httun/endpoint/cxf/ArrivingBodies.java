// SPDX-License-Identifier: Apache-2.0
package io.httun.endpoint.cxf;

import io.httun.toolkit.net.Network;
import io.httun.toolkit.net.SourceCounts;
import io.httun.toolkit.status.LogLimiter;
import io.httun.toolkit.tunnel.BodyBudget;
import java.util.function.Supplier;
import org.slf4j.LoggerFactory;

/**
 * The limits of an endpoint for requests with an incomplete body. Nobody has authenticated there, and the web server accepts any number of
 * connections.
 */
final class ArrivingBodies {
    private final LogLimiter limited = new LogLimiter(LoggerFactory.getLogger(ArrivingBodies.class));
    private final SourceCounts sources = new SourceCounts();
    private final Supplier<CxfEndpointSettings> settings;
    private final BodyBudget budget;

    /** @param settings asked at each request */
    ArrivingBodies(Supplier<CxfEndpointSettings> settings) {
        this.settings = settings;
        this.budget = BodyBudget.ofHeap(() -> settings.get().bodiesMax());
    }

    ArrivingBodies(Supplier<CxfEndpointSettings> settings, BodyBudget budget) {
        this.settings = settings;
        this.budget = budget;
    }

    BodyBudget budget() {
        return budget;
    }

    /** Takes another request if its source has room for it; {@link #leave} gives the room back. */
    boolean enter(String source) {
        CxfEndpointSettings now = settings.get();
        if (sources.enter(source, now.bodiesPerAddress())) {
            return true;
        }
        sources.leave(source);
        limited.info(
                "full",
                "Endpoint {}: request answered 503: too many incomplete bodies from {}",
                now.name(),
                Network.sourceGroup(source));
        return false;
    }

    void leave(String source) {
        sources.leave(source);
    }
}
