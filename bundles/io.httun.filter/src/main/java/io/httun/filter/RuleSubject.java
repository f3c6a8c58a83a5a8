// SPDX-License-Identifier: Apache-2.0
package io.httun.filter;

import io.httun.api.target.RequestContext;
import io.httun.api.target.Target;
import io.httun.toolkit.net.EmbeddedIpv4;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.time.LocalDateTime;
import java.util.List;
import java.util.function.Supplier;

/**
 * The target that a rule is matched against.
 *
 * @param addresses the target's address and its embedded IPv4 address; empty for a name without look-up
 * @param forms the texts of the addresses
 * @param now read only by rules with hours
 */
record RuleSubject(
        Target target,
        List<InetAddress> addresses,
        List<String> forms,
        RequestContext context,
        Supplier<LocalDateTime> now) {
    static RuleSubject of(Target target, EmbeddedIpv4 embedded, RequestContext context, Supplier<LocalDateTime> now) {
        List<InetAddress> addresses = target.addresses().stream()
                .flatMap(address -> embedded.forms(address).stream())
                .toList();
        return new RuleSubject(
                target,
                addresses,
                addresses.stream().map(NetUtil::toAddressString).toList(),
                context,
                now);
    }
}
