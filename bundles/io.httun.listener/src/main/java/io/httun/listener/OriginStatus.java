// SPDX-License-Identifier: Apache-2.0
package io.httun.listener;

import io.httun.api.relay.RelayOrigin;
import io.httun.api.status.ConnectionStatus;
import io.httun.api.status.StatusSource;
import java.util.List;

/** The connections in the status of a listener component, whatever its kind. */
interface OriginStatus extends StatusSource {
    RelayOrigin origin();

    @Override
    default List<ConnectionStatus> connections() {
        return origin().connections();
    }

    @Override
    default List<ConnectionStatus> closedConnections() {
        return origin().closedConnections();
    }

    @Override
    default boolean closeConnection(String id) {
        return origin().closeConnection(id);
    }
}
