// SPDX-License-Identifier: Apache-2.0
package io.httun.web;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** PID {@code io.httun.web}. */
@ObjectClassDefinition(name = "httun live page", description = "The live page in Karaf's web server")
public @interface WebConfig {
    @AttributeDefinition(description = "Path of the page in Karaf's web server, such as /httun-page")
    String path() default "/httun-page";

    @AttributeDefinition(
            description =
                    "Who may reach the page: addresses and networks, the word loopback, or the single word off; all"
                            + " others are answered with 404, as is whoever comes through a proxy")
    String[] access() default {"loopback"};

    @AttributeDefinition(
            description =
                    "Names under which browsers may call this host, beside its addresses; requests for other names are"
                            + " refused")
    String[] hosts() default {"localhost"};

    @AttributeDefinition(description = "JAAS realm that knows the users; karaf is the one of the console")
    String realm() default "karaf";

    @AttributeDefinition(description = "Whoever has one of these roles may see the page")
    String[] roles_read() default {"viewer"};

    @AttributeDefinition(
            description =
                    "Whoever has one of these roles may also close sessions and connections and check targets against"
                            + " filters")
    String[] roles_act() default {"admin"};
}
