// SPDX-License-Identifier: Apache-2.0
package io.httun.api.target;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.util.List;
import java.util.stream.Stream;

/**
 * A target that has passed the gate, of whose addresses some may still be on their way.
 *
 * @param target with the allowed addresses that are known by now
 * @param rest the allowed ones among those that come later; succeeds with none where there are no more, and never fails
 */
public record Admitted(Target target, Future<List<InetAddress>> rest) {
    /** One that waits for nothing. */
    public static Admitted complete(Target target, EventExecutor executor) {
        return new Admitted(target, executor.newSucceededFuture(List.of()));
    }

    /** The target with everything that has come by now. */
    public Target known() {
        List<InetAddress> late = rest.isSuccess() ? rest.getNow() : List.of();
        return late.isEmpty()
                ? target
                : target.withAddresses(Stream.concat(target.addresses().stream(), late.stream())
                        .toList());
    }
}
