// SPDX-License-Identifier: Apache-2.0
package io.httun.toolkit.carried;

import io.httun.api.target.RefusedException;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.function.Supplier;

/**
 * A connection that a {@link CarriedClient} was asked for.
 *
 * @param settings of the moment; they are the connection's as long as it lasts
 * @param loop of the connection and of everything that carries it
 * @param dialler connects to the first hop
 * @param promise of the connection
 */
public record Opening<S>(S settings, EventLoop loop, Supplier<Future<Channel>> dialler, Promise<Channel> promise) {
    /** Connects to the server, or the proxy before it; fails with {@link RefusedException}. */
    public Future<Channel> dial() {
        return dialler.get();
    }

    /** Hands the connection over. Returns false if it is not wanted any more: then it has been closed. */
    public boolean succeed(CarriedChannel channel) {
        if (!promise.trySuccess(channel)) {
            channel.close();
        }
        return promise.isSuccess();
    }

    /** Tells why there is no connection or, after {@link #succeed}, why it broke; either way the channel closes. */
    public void fail(CarriedChannel channel, RefusedException why) {
        if (promise.isSuccess()) {
            channel.fail(why);
        } else {
            promise.tryFailure(why);
            channel.close();
        }
    }
}
