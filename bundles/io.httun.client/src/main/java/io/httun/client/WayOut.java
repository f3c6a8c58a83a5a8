// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.config.ConfigException;
import io.httun.protocol.PeerId;
import io.httun.toolkit.config.StrictConfig;

/**
 * How requests get to the server.
 *
 * @param connector filter that chooses the connector, for messages; empty for connections of our own
 * @param forward whether requests to http URLs are sent to a proxy for forwarding, rather than through a tunnel in it
 * @param keepAlive whether a connection serves more than one request
 * @param batches whether anything but the stock wire is used, where the server is one of ours
 * @param pipes how connections share the way, where the server is one of ours
 */
record WayOut(String connector, boolean forward, boolean keepAlive, boolean batches, PipeSettings pipes) {
    private static final int MOST_CONNECTIONS = 128;
    private static final int MOST_RESUME_SECONDS = 86_400;

    /** What the component's properties say where nobody configured a connector: its reference's own filter. */
    static final String NO_CONNECTOR = "(!(name=*))";

    static final WayOut DIRECT = new WayOut("", false, true, true);

    WayOut(String connector, boolean forward, boolean keepAlive, boolean batches) {
        this(connector, forward, keepAlive, batches, PipeSettings.DEFAULT);
    }

    static WayOut of(ClientConfig config) {
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
        return new WayOut(connector, forward, config.http_keep_alive(), config.http_batches(), pipes);
    }

    /** What a client that carries packets tells the server that it can; {@code docs/wire.md}. */
    int packetCapabilities() {
        return batches ? PeerId.SESSIONS | PeerId.BATCH | PeerId.PARALLEL : 0;
    }

    boolean forwards(ServerUrl url) {
        return forward && !url.tls();
    }
}
