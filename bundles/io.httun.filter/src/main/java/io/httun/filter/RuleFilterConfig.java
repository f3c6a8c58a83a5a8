// SPDX-License-Identifier: Apache-2.0
package io.httun.filter;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;

/** PID {@code io.httun.filter.rules~NAME}. */
@ObjectClassDefinition(
        name = "httun rule filter",
        description = "Judges targets by the rules of a file; the first rule that matches decides.")
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
            description = "How often the file and its block lists are looked at for changes, in seconds, 1 to 86400.")
    int reload_seconds() default 5;

    @AttributeDefinition(
            description = "Time zone of the rules' hours, such as Europe/Berlin. Empty: that of this machine.")
    String time_zone() default "";

    @AttributeDefinition(
            description = "What happens to a target that no rule matches.",
            options = {@Option("allow"), @Option("deny")})
    String default$() default "deny";
}
