// SPDX-License-Identifier: Apache-2.0
package io.httun.filter;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** PID {@code io.httun.filter.address~NAME}. */
@ObjectClassDefinition(
        name = "httun address filter",
        description =
                "Denies an address on the deny list, unless it is on the allow list too; with an empty deny list it allows everything."
                        + " Elements are addresses, CIDR blocks (10.0.0.0/8, 2001:db8::/32) and the words any, loopback, private, link-local,"
                        + " multicast, reserved, cloud-metadata, this-host (every address of this host), local-networks (the networks of its"
                        + " interfaces) and public (the addresses outside the seven before it)."
                        + " IPv6 addresses with an embedded IPv4 address (mapped, compatible, NAT64, 6to4, Teredo, ISATAP) are checked by"
                        + " that address too.")
public @interface AddressFilterConfig {
    @AttributeDefinition(description = "Name by which channels and listeners refer to this filter")
    String name();

    @AttributeDefinition(description = "Addresses that are denied; empty = none")
    String[] deny() default {};

    @AttributeDefinition(description = "Exceptions from the deny list; empty = none")
    String[] allow() default {};

    @AttributeDefinition(
            description =
                    "Prefixes of this network's own NAT64 translators (RFC 6052: 32, 40, 48, 56, 64 or 96 bits). The IPv4 address in"
                            + " their addresses is checked too, as in 64:ff9b::/96 and 64:ff9b:1::/48")
    String[] nat64_prefixes() default {};
}
