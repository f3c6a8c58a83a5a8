// SPDX-License-Identifier: Apache-2.0
package io.httun.filter;

import io.httun.api.target.RequestContext;
import io.httun.api.target.Target;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.time.LocalDateTime;
import java.util.List;
import java.util.function.Supplier;

/**
 * What is judged.
 *
 * @param addresses the target's address and the IPv4 address it may stand for; empty while there is only a name
 * @param forms their texts
 * @param now asked only by rules with hours
 */
record Subject(
        Target target,
        List<InetAddress> addresses,
        List<String> forms,
        RequestContext context,
        Supplier<LocalDateTime> now) {
    static Subject of(Target target, RequestContext context, Supplier<LocalDateTime> now) {
        List<InetAddress> addresses = target.addresses().stream()
                .flatMap(address -> Addresses.forms(address).stream())
                .toList();
        return new Subject(
                target,
                addresses,
                addresses.stream().map(NetUtil::toAddressString).toList(),
                context,
                now);
    }
}
