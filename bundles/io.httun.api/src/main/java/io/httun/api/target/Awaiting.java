// SPDX-License-Identifier: Apache-2.0
package io.httun.api.target;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.FutureListener;
import io.netty.util.concurrent.Promise;
import java.util.function.Function;

/** A connection that begins when all addresses are there, for connectors that cannot take them one after the other. */
final class Awaiting {
    private Awaiting() {}

    static Future<Channel> all(Admitted admitted, EventLoop loop, Function<Target, Future<Channel>> connect) {
        Promise<Channel> result = loop.newPromise();
        admitted.rest().addListener(late -> {
            if (!result.isDone()) {
                try {
                    begin(connect.apply(admitted.known()), result);
                } catch (RuntimeException | LinkageError e) {
                    // Nobody else would hear of it.
                    result.tryFailure(e);
                }
            }
        });
        return result;
    }

    private static void begin(Future<Channel> connecting, Promise<Channel> result) {
        result.addListener(end -> {
            if (result.isCancelled()) {
                connecting.cancel(false);
            }
        });
        connecting.addListener((FutureListener<Channel>) end -> {
            if (!end.isSuccess()) {
                result.tryFailure(end.cause());
            } else if (!result.trySuccess(end.getNow())) {
                end.getNow().close();
            }
        });
    }
}
