// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.config.ConfigException;
import io.httun.protocol.PeerId;
import io.httun.toolkit.config.StrictConfig;

/**
 * The path of requests to the server.
 *
 * @param connector filter that chooses the connector, for messages; empty for direct connections
 * @param forward whether a proxy forwards requests to http URLs; otherwise they go through a tunnel in the proxy
 * @param keepAlive whether a connection serves more than one request
 * @param batches whether the extensions of the stock wire are used with a server of ours
 * @param pipes settings for pipes to a server of ours
 * @param explicit which of these the configuration sets
 */
record WayOut(
        String connector,
        boolean forward,
        boolean keepAlive,
        boolean batches,
        PipeSettings pipes,
        ExplicitLimits explicit) {
    private static final int MOST_CONNECTIONS = 128;
    private static final int MOST_RESUME_SECONDS = 86_400;

    /** The value of the property without configuration: the default filter of the reference. */
    static final String NO_CONNECTOR = "(!(name=*))";

    static final WayOut DIRECT = new WayOut("", false, true, true);

    WayOut(String connector, boolean forward, boolean keepAlive, boolean batches) {
        this(connector, forward, keepAlive, batches, PipeSettings.DEFAULT);
    }

    WayOut(String connector, boolean forward, boolean keepAlive, boolean batches, PipeSettings pipes) {
        this(connector, forward, keepAlive, batches, pipes, ExplicitLimits.NONE);
    }

    static WayOut of(ClientConfig config, ExplicitLimits explicit) {
        String configured = config.connector_target();
        String connector = configured.equals(NO_CONNECTOR) ? "" : configured;
        if (connector.equals("(name=" + config.name() + ")")) {
            throw new ConfigException("connector.target", connector, "leads back to this client");
        }
        boolean forward = config.http_proxy().equals("forward");
        if (!forward && !config.http_proxy().equals("tunnel")) {
            throw new ConfigException("http.proxy", config.http_proxy(), "must be tunnel or forward");
        }
        if (forward && connector.isEmpty()) {
            throw new ConfigException(
                    "http.proxy", "forward", "needs connector.target, which names the connector that knows the proxy");
        }
        PipeSettings pipes = new PipeSettings(
                config.streams(),
                StrictConfig.range("http.connections.max", config.http_connections_max(), 2, MOST_CONNECTIONS),
                1000L * StrictConfig.range("resume.seconds", config.resume_seconds(), 0, MOST_RESUME_SECONDS));
        return new WayOut(connector, forward, config.http_keep_alive(), config.http_batches(), pipes, explicit);
    }

    /** The capabilities in the inits of a client that carries packets ({@code docs/wire.md}). */
    int packetCapabilities() {
        return batches ? PeerId.SESSIONS | PeerId.BATCH | PeerId.PARALLEL : 0;
    }

    boolean forwards(ServerUrl url) {
        return forward && !url.tls();
    }
}
