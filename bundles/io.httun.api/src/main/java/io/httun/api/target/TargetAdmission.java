// SPDX-License-Identifier: Apache-2.0
package io.httun.api.target;

import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import io.netty.util.concurrent.Promise;
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

    /** As {@link #admit(Target, List, boolean, EventExecutor)}, for filters that also look at who asks. */
    default Future<Target> admit(
            Target target, List<String> filters, boolean resolve, RequestContext context, EventExecutor executor) {
        return admit(target, filters, resolve, executor);
    }

    /**
     * As {@link #admit(Target, List, boolean, RequestContext, EventExecutor)}, but answers when there is an allowed address to
     * begin with.
     */
    default Future<Admitted> admitEarly(
            Target target, List<String> filters, boolean resolve, RequestContext context, EventExecutor executor) {
        Promise<Admitted> result = executor.newPromise();
        admit(target, filters, resolve, context, executor).addListener((FutureListener<Target>) all -> {
            if (all.isSuccess()) {
                result.setSuccess(Admitted.complete(all.getNow(), executor));
            } else {
                result.setFailure(all.cause());
            }
        });
        return result;
    }

    /**
     * What has to watch the first bytes towards a target, see {@link TargetFilter#guard}. Whoever has connected adds these handlers to the
     * target's channel before anything is written to it.
     *
     * @param admitted as {@link #admit} gave it
     * @throws RefusedException if a filter is missing meanwhile
     */
    default List<ChannelHandler> guards(Target admitted, List<String> filters, RequestContext context) {
        return List.of();
    }
}
