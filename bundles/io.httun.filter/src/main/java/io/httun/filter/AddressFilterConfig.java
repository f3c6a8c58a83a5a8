// SPDX-License-Identifier: Apache-2.0
package io.httun.filter;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** PID {@code io.httun.filter.address~NAME}. */
@ObjectClassDefinition(
        name = "httun address filter",
        description =
                "Denies an address that the deny list has, unless the allow list has it too; with an empty deny list it allows everything."
                        + " Elements are addresses, CIDR blocks (10.0.0.0/8, 2001:db8::/32) and the words any, loopback, private, link-local,"
                        + " multicast, reserved and public (whatever none of the five before it holds)."
                        + " IPv6 addresses that stand for an IPv4 address (mapped, NAT64, 6to4, Teredo) are judged as that one too.")
public @interface AddressFilterConfig {
    @AttributeDefinition(description = "Name by which channels and listeners refer to this filter")
    String name();

    @AttributeDefinition(description = "Addresses that are denied; empty = none")
    String[] deny() default {};

    @AttributeDefinition(description = "Addresses that are allowed though the deny list has them; empty = none")
    String[] allow() default {};
}
