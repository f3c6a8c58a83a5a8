// SPDX-License-Identifier: Apache-2.0
package io.httun.filter;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;

/** PID {@code io.httun.filter.packet~NAME}. */
@ObjectClassDefinition(
        name = "httun packet filter",
        description =
                "Checks IP packets in a tunnel against ordered rules; the first match decides. The filter is"
                        + " stateless: replies need a rule too. The sender of a denied packet gets ICMP 'administratively prohibited'.")
public @interface PacketFilterConfig {
    @AttributeDefinition(description = "Name by which channels and clients refer to this filter (tun.filters)")
    String name();

    @AttributeDefinition(
            description =
                    "Ordered rules 'allow|deny PROTOCOL from ADDRESSES [port PORTS] to ADDRESSES [port PORTS]'. PROTOCOL"
                            + " is any, tcp, udp, icmp (of IPv4 and IPv6) or a number, ADDRESSES any, an address or a CIDR block, PORTS a"
                            + " number or a range such as 8000-8100, for tcp and udp only. Fragments without ports match a deny rule with"
                            + " ports and no such allow rule. Default: none")
    String[] rules() default {};

    @AttributeDefinition(
            name = "default",
            description = "Decision for a packet without a matching rule",
            options = {@Option("allow"), @Option("deny")})
    String default$() default "deny";
}
