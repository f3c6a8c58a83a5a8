// SPDX-License-Identifier: Apache-2.0
package io.httun.filter;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;

/** PID {@code io.httun.filter.pattern~NAME}. */
@ObjectClassDefinition(
        name = "httun pattern filter",
        description = "Checks targets against ordered rules on host and port; the first match decides.")
public @interface PatternFilterConfig {
    @AttributeDefinition(description = "Name by which channels and listeners refer to this filter")
    String name();

    @AttributeDefinition(
            description =
                    "Rules 'allow HOST[:PORT]' or 'deny HOST[:PORT]', in order. HOST may hold * (any characters) and ? (one); IPv6"
                            + " addresses stand in brackets; PORT is a number, a range 8000-8100 or *. An allow rule on a name allows that name only,"
                            + " on an address only that address; a deny rule also matches the addresses of a name")
    String[] rules() default {};

    @AttributeDefinition(
            name = "Default",
            description = "Decision for a target without a matching rule",
            options = {@Option("allow"), @Option("deny")})
    String default$() default "deny";

    @AttributeDefinition(
            description =
                    "Prefixes of this network's own NAT64 translators (RFC 6052: 32, 40, 48, 56, 64 or 96 bits). The IPv4 address in"
                            + " their addresses is checked too, as in 64:ff9b::/96 and 64:ff9b:1::/48")
    String[] nat64_prefixes() default {};
}
