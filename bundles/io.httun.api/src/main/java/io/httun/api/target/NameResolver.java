// SPDX-License-Identifier: Apache-2.0
package io.httun.api.target;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import io.netty.util.concurrent.Promise;
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

    /**
     * As {@link #resolve}, but answers when there is something to begin with: the preferred family's addresses when they come,
     * or the other's a moment later.
     */
    default Future<Resolution> resolveEarly(String host, EventExecutor executor) {
        Promise<Resolution> result = executor.newPromise();
        resolve(host, executor).addListener((FutureListener<List<InetAddress>>) all -> {
            if (all.isSuccess()) {
                result.setSuccess(new Resolution(all.getNow(), executor.newSucceededFuture(List.of())));
            } else {
                result.setFailure(all.cause());
            }
        });
        return result;
    }
}
