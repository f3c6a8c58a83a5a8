// SPDX-License-Identifier: Apache-2.0
package io.httun.filter;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;

/** PID {@code io.httun.filter.rules~NAME}. */
@ObjectClassDefinition(
        name = "httun rule filter",
        description = "Checks targets against the rules of a file; the first match decides.")
public @interface RuleFilterConfig {
    @AttributeDefinition(description = "Name by which channels and listeners refer to this filter. Required.")
    String name();

    @AttributeDefinition(
            description =
                    "File with one rule a line: 'allow TARGET [CONDITION ...]' or 'deny TARGET [CONDITION ...]'. TARGET is HOST[:PORT]"
                            + " with * and ?, /REGEX/ on host:port, @FILE (a block list), an address block, or any; conditions are port=, user=,"
                            + " source=, time= and tls=. Read again when it changes. Required.")
    String file();

    @AttributeDefinition(
            description = "Interval of checks for changes of the file and its block lists, in seconds, 1 to 86400.")
    int reload_seconds() default 5;

    @AttributeDefinition(
            description = "Time zone of the rules' hours, such as Europe/Berlin. Empty: that of this host.")
    String time_zone() default "";

    @AttributeDefinition(
            description = "Decision for a target without a matching rule.",
            options = {@Option("allow"), @Option("deny")})
    String default$() default "deny";

    @AttributeDefinition(
            description =
                    "Prefixes of this network's own NAT64 translators (RFC 6052: 32, 40, 48, 56, 64 or 96 bits). The IPv4 address in"
                            + " their addresses is checked too, as in 64:ff9b::/96 and 64:ff9b:1::/48")
    String[] nat64_prefixes() default {};
}
