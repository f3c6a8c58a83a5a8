// SPDX-License-Identifier: Apache-2.0
package io.httun.relay;

import io.httun.api.relay.RelayEngine;
import io.httun.api.relay.RelayOrigin;
import io.httun.api.relay.RelaySettings;
import io.httun.api.target.TargetAdmission;
import io.httun.api.target.TargetConnector;
import java.util.function.Supplier;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Keeps nothing itself: what it opened belongs to the listeners. */
@Component
public final class Engine implements RelayEngine {
    private final TargetAdmission admission;

    @Activate
    public Engine(@Reference TargetAdmission admission) {
        this.admission = admission;
    }

    @Override
    public RelayOrigin open(RelaySettings settings, Supplier<TargetConnector> connector) {
        return new Origin(admission, connector, settings);
    }
}
