// SPDX-License-Identifier: Apache-2.0
package io.httun.server;

import io.httun.api.target.Target;
import io.httun.api.target.TargetConnector;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.concurrent.atomic.AtomicInteger;

/** A connector whose connections are never made. */
final class NeverConnector implements TargetConnector {
    private final AtomicInteger asked = new AtomicInteger();
    private volatile Promise<Channel> last;

    @Override
    public boolean takesNames() {
        return false;
    }

    @Override
    public Future<Channel> connect(Target target, EventLoop loop) {
        last = loop.newPromise();
        asked.incrementAndGet();
        return last;
    }

    int asked() {
        return asked.get();
    }

    boolean isCancelled() {
        return last.isCancelled();
    }
}
