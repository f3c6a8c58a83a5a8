// SPDX-License-Identifier: Apache-2.0
package io.httun.web;

import io.httun.api.status.ConnectionStatus;
import io.httun.api.status.SessionStatus;
import io.httun.api.status.StatusSnapshot;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Everything at one moment.
 *
 * @param snapshot the model
 * @param flows of sessions and connections, by {@link #key}
 * @param point of the plots
 */
record Sample(StatusSnapshot snapshot, Map<String, Flow> flows, HistoryPoint point) {
    /** Those here and at the other servers of the cluster. */
    static List<SessionStatus> sessions(StatusSnapshot of) {
        return Stream.concat(of.sessions().stream(), of.nodeSessions().stream()).toList();
    }

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
