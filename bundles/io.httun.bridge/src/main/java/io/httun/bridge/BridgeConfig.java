// SPDX-License-Identifier: Apache-2.0
package io.httun.bridge;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** PID {@code io.httun.bridge~NAME}. */
@ObjectClassDefinition(
        name = "httun: bridge server",
        description = "Serves bridge clients on every HTTP endpoint of ours, below a path. Not encrypted.")
@interface BridgeConfig {
    @AttributeDefinition(description = "Name of this server, shown by httun:status")
    String name();

    @AttributeDefinition(description = "Path below every endpoint's base path")
    String path() default "/bridge";

    @AttributeDefinition(
            name = "Connector",
            description = "Which connector makes the connections, as an OSGi filter on its properties")
    String connector_target() default "(name=direct)";

    @AttributeDefinition(description = "Names of the filters that must all allow a target, in order; none = any target")
    String[] filters() default {"default"};

    @AttributeDefinition(description = "Addresses and networks that may come; any = all")
    String[] sources() default {"127.0.0.0/8", "::1"};

    @AttributeDefinition(
            name = "basic.auth.file",
            description = "File with one line user:password that clients must send (mode 0600); stock clients cannot."
                    + " Empty = none")
    String basic_auth_file() default "";

    @AttributeDefinition(name = "connections.max", description = "Most connections at once, 1 to 1000000")
    int connections_max() default 1024;

    @AttributeDefinition(description = "Limits of one connection, each KEY=VALUE, as for every listener")
    String[] policy() default {};

    @AttributeDefinition(
            name = "wait.seconds",
            description =
                    "How long a GET waits for data, and a PUT for a target that does not read, in seconds, 1 to 25")
    int wait_seconds() default 20;

    @AttributeDefinition(
            name = "idle.seconds",
            description = "Time without a request after which a client counts as vanished, in seconds, 10 to 86400")
    int idle_seconds() default 90;
}
