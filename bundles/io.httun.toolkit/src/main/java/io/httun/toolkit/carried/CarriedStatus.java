// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.carried;

import io.httun.api.status.ConnectionStatus;
import io.httun.api.status.ListenerStatus;
import io.httun.api.status.Problem;
import io.httun.api.status.StatusSource;
import java.util.List;

/** The status of a component is that of the {@link CarriedServer} that it holds. */
public interface CarriedStatus extends StatusSource {
    CarriedServer<?> server();

    @Override
    default List<ListenerStatus> listeners() {
        return server().listeners();
    }

    @Override
    default List<ConnectionStatus> connections() {
        return server().connections();
    }

    @Override
    default List<ConnectionStatus> closedConnections() {
        return server().closedConnections();
    }

    @Override
    default boolean closeConnection(String id) {
        return server().closeConnection(id);
    }

    @Override
    default List<Problem> problems() {
        return server().problems();
    }
}
