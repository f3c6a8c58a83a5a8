// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import io.httun.api.relay.ConnectionListener;
import io.httun.api.relay.ConnectionSummary;
import io.httun.toolkit.status.Json;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs one line of JSON per connection to a logger of its own, which can have its own file. */
final class JsonLog implements ConnectionListener {
    private static final Logger LOG = LoggerFactory.getLogger("io.httun.connections");

    @Override
    public void ended(ConnectionSummary summary) {
        if (LOG.isInfoEnabled()) {
            LOG.info(Json.write(summary));
        }
    }
}
