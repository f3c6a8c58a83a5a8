// SPDX-License-Identifier: Apache-2.0
package io.httun.api.target;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.util.List;

/**
 * The one gate that every connection passes before a connector is asked: name check, resolution, check of every
 * address. Fails closed: a named filter that is not there refuses. A service; thread-safe and never blocking.
 */
public interface TargetAdmission {
    /**
     * Admits a target.
     *
     * @param target as negotiated
     * @param filters names of the filters that must all allow it, in order; empty means any target
     * @param resolve whether the connector needs addresses; without it a name stays a name after its check
     * @param executor notifies the listeners of the result
     * @return the target with only those addresses that every filter allowed; fails with {@link RefusedException}
     */
    Future<Target> admit(Target target, List<String> filters, boolean resolve, EventExecutor executor);
}
