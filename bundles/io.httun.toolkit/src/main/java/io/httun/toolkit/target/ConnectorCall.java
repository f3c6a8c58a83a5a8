// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.target;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.function.Supplier;

/** A call of a connector, which may be of another bundle and of one that goes just then. */
public final class ConnectorCall {
    private ConnectorCall() {}

    /**
     * A connector should report failures in its future; one that throws must not leave its caller waiting.
     *
     * @return what the call answers, or a failed future if it throws
     */
    public static <T> Future<T> of(EventLoop loop, Supplier<Future<T>> call) {
        try {
            return call.get();
        } catch (RuntimeException | LinkageError e) {
            return loop.newFailedFuture(e);
        }
    }
}
