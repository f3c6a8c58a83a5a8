// SPDX-License-Identifier: Apache-2.0
package io.httun.api.target;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.util.List;

/** Resolves host names, cached and bounded. A service; thread-safe and never blocking. */
public interface NameResolver {
    /**
     * All addresses of a name, in the resolver's order of preference.
     *
     * @param executor notifies the listeners of the result
     * @return fails with {@link RefusedException} and {@link RefusedException.Cause#UNRESOLVED}
     */
    Future<List<InetAddress>> resolve(String host, EventExecutor executor);
}
