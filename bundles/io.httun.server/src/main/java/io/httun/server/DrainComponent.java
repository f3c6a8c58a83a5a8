// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.tunnel.ServerDrain;
import java.time.Duration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The server's {@link Drain} as a service. */
@Component
public final class DrainComponent implements ServerDrain {
    private final ServerDrain drain;

    @Activate
    public DrainComponent(@Reference TunnelServer server) {
        this.drain = server.drain();
    }

    @Override
    public void drain(Duration period) {
        drain.drain(period);
    }

    @Override
    public void serve() {
        drain.serve();
    }
}
