// SPDX-License-Identifier: Apache-2.0
package io.httun.web;

import io.httun.api.status.ConnectionStatus;
import io.httun.api.status.SessionStatus;
import io.httun.api.status.StatusSnapshot;
import java.util.Map;

/**
 * Everything at one moment.
 *
 * @param snapshot the model
 * @param flows of sessions and connections, by {@link #key}
 * @param point of the plots
 */
record Sample(StatusSnapshot snapshot, Map<String, Flow> flows, HistoryPoint point) {
    static String key(SessionStatus session) {
        return "session " + session.side() + " " + session.id();
    }

    static String key(ConnectionStatus connection) {
        return "connection " + connection.id();
    }

    Flow flow(String key) {
        return flows.getOrDefault(key, Flow.NONE);
    }
}
