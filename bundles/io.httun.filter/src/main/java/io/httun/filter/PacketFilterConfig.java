// SPDX-License-Identifier: Apache-2.0
package io.httun.filter;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;

/** PID {@code io.httun.filter.packet~NAME}. */
@ObjectClassDefinition(
        name = "httun packet filter",
        description =
                "Judges IP packets in a tunnel by ordered rules; the first one that matches decides. It keeps no"
                        + " state: replies need a rule as well. Who sent a refused packet gets ICMP 'administratively prohibited'.")
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
            description = "What happens to a packet that no rule matches",
            options = {@Option("allow"), @Option("deny")})
    String default$() default "deny";
}
