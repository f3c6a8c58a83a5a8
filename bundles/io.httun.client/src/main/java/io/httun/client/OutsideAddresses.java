// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.target.NameResolver;
import io.netty.channel.EventLoop;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** The addresses of the servers, which must stay reachable outside a tunnel that takes every route. */
final class OutsideAddresses {
    private OutsideAddresses() {}

    /** Tells all that can be found out, on the loop. */
    static void find(List<ServerUrl> urls, NameResolver resolver, EventLoop loop, Consumer<Set<InetAddress>> then) {
        Set<InetAddress> found = new LinkedHashSet<>();
        int[] due = {urls.size()};
        for (ServerUrl url : urls) {
            InetAddress literal = NetUtil.createInetAddressFromIpAddressString(url.host());
            Future<List<InetAddress>> resolved =
                    literal == null ? resolver.resolve(url.host(), loop) : loop.newSucceededFuture(List.of(literal));
            resolved.addListener((Future<List<InetAddress>> done) -> {
                if (done.isSuccess()) {
                    found.addAll(done.getNow());
                }
                due[0]--;
                if (due[0] == 0) {
                    then.accept(found);
                }
            });
        }
    }
}
