// SPDX-License-Identifier: Apache-2.0
package io.httun.erltunnel;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** PID {@code io.httun.erltunnel~NAME}. */
@ObjectClassDefinition(
        name = "httun: Erltunnel server",
        description = "Serves Erltunnel clients on a port of its own. Not encrypted.")
@interface ErltunnelServerConfig {
    @AttributeDefinition(description = "Name of this server, shown by httun:status")
    String name();

    @AttributeDefinition(
            description =
                    "Where to listen: ADDRESS:PORT, IPv6 in brackets, * for every address, port 0 for any free one."
                            + " Whoever reaches it reaches the target")
    String bind() default "127.0.0.1:8888";

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

    @AttributeDefinition(name = "connections.max", description = "Most tunnels at once, 1 to 1000000")
    int connections_max() default 1024;

    @AttributeDefinition(description = "Limits of one connection, each KEY=VALUE, as for every listener")
    String[] policy() default {};

    @AttributeDefinition(
            name = "idle.seconds",
            description =
                    "Time without a byte from the client, keep-alives included, after which it counts as vanished,"
                            + " in seconds, 10 to 86400; ten times as long while its connection is there")
    int idle_seconds() default 60;
}
