// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.carried;

import io.httun.api.target.Target;
import io.httun.api.target.TargetConnector;
import java.util.Optional;
import java.util.Set;

/** The name and the way of a connector are those of the {@link CarriedClient} that it holds. */
public interface CarriedConnector extends TargetConnector {
    CarriedClient<?> client();

    @Override
    default String connectorName() {
        return client().connectorName();
    }

    @Override
    default Optional<TargetConnector> through() {
        return client().through();
    }

    @Override
    default Set<Target> firstHops(Target target) {
        return client().firstHops(target);
    }
}
