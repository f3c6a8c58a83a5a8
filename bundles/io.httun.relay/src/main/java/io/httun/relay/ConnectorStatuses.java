// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import io.httun.api.status.ConnectorStatus;
import io.httun.api.status.StatusSource;
import io.httun.api.target.TargetConnector;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/** The status of all connectors, derived from their contract, so that no connector needs a status source of its own. */
@Component(service = StatusSource.class)
public final class ConnectorStatuses implements StatusSource {
    private final List<TargetConnector> connectors = new CopyOnWriteArrayList<>();

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addConnector(TargetConnector connector) {
        connectors.add(connector);
    }

    void removeConnector(TargetConnector connector) {
        connectors.remove(connector);
    }

    @Override
    public List<ConnectorStatus> connectors() {
        return connectors.stream()
                .map(each -> new ConnectorStatus(
                        each.connectorName(),
                        each.through().map(TargetConnector::connectorName).orElse(""),
                        each.takesNames(),
                        each.takesDatagrams()))
                .toList();
    }
}
