// SPDX-License-Identifier: Apache-2.0
package io.httun.filter;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;

/** PID {@code io.httun.filter.pattern~NAME}. */
@ObjectClassDefinition(
        name = "httun pattern filter",
        description = "Judges targets by ordered rules on host and port; the first rule that matches decides.")
public @interface PatternFilterConfig {
    @AttributeDefinition(description = "Name by which channels and listeners refer to this filter")
    String name();

    @AttributeDefinition(
            description =
                    "Rules 'allow HOST[:PORT]' or 'deny HOST[:PORT]', in order. HOST may hold * (any characters) and ? (one); IPv6"
                            + " addresses stand in brackets; PORT is a number, a range 8000-8100 or *. An allow rule on a name opens that name only,"
                            + " on an address only that address; a deny rule also matches the addresses that a name stands for")
    String[] rules() default {};

    @AttributeDefinition(
            name = "Default",
            description = "What happens to a target that no rule matches",
            options = {@Option("allow"), @Option("deny")})
    String default$() default "deny";
}
