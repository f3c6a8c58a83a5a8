// SPDX-License-Identifier: Apache-2.0
package io.httun.client;

import io.httun.api.target.Target;
import io.httun.api.target.TargetConnector;
import io.httun.toolkit.target.ConnectorCycle;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Finds the destinations of a client's HTTP connections, which must stay reachable outside a tunnel that takes the default route. */
final class OutsideAddresses {
    private OutsideAddresses() {}

    /** Returns the servers, or the proxies before them. */
    static Set<Target> hops(ClientContext context) {
        boolean direct = context.settings().wayOut().connector().isEmpty();
        TargetConnector through =
                direct ? null : context.surroundings().connector().get();
        if (through != null && ConnectorCycle.find(through).isPresent()) {
            return Set.of();
        }
        return context.settings().urls().stream()
                .map(url -> Target.of(url.host(), url.port()))
                .flatMap(server -> (through == null ? Set.of(server) : through.firstHops(server)).stream())
                .collect(Collectors.toSet());
    }

    /** Reports the resolvable addresses, on the loop. */
    static void find(ClientContext context, EventLoop loop, Consumer<Set<InetAddress>> then) {
        Set<InetAddress> found = new LinkedHashSet<>();
        Set<Target> hops = hops(context);
        if (hops.isEmpty()) {
            then.accept(found);
            return;
        }
        int[] due = {hops.size()};
        for (Target hop : hops) {
            Future<List<InetAddress>> resolved = hop.addresses().isEmpty()
                    ? context.surroundings().resolver().resolve(hop.host(), loop)
                    : loop.newSucceededFuture(hop.addresses());
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
