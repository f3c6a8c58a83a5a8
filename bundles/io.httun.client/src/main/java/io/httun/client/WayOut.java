// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.config.ConfigException;
import io.httun.protocol.PeerId;

/**
 * How requests get to the server.
 *
 * @param connector filter that chooses the connector, for messages; empty for connections of our own
 * @param forward whether requests to http URLs are sent to a proxy for forwarding, rather than through a tunnel in it
 * @param keepAlive whether a connection serves more than one request
 * @param batches whether a body may hold several frames where the server can, too
 */
record WayOut(String connector, boolean forward, boolean keepAlive, boolean batches) {
    /** What the component's properties say where nobody configured a connector: its reference's own filter. */
    static final String NO_CONNECTOR = "(!(name=*))";

    static final WayOut DIRECT = new WayOut("", false, true, true);

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
        return new WayOut(connector, forward, config.http_keep_alive(), config.http_batches());
    }

    /** What the client tells the server that it can; {@code docs/wire.md}. */
    int capabilities() {
        return batches ? PeerId.SESSIONS | PeerId.BATCH : PeerId.SESSIONS;
    }

    boolean forwards(ServerUrl url) {
        return forward && !url.tls();
    }
}
